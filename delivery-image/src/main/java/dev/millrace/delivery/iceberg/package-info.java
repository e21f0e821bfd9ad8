/* SPDX-License-Identifier: Apache-2.0 */
/** Tables of Apache Iceberg. */
@NullMarked
package dev.millrace.delivery.iceberg;

import org.jspecify.annotations.NullMarked;
