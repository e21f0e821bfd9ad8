/* SPDX-License-Identifier: Apache-2.0 */
/** Tables of SQL databases. */
@NullMarked
package dev.millrace.delivery.sql;

import org.jspecify.annotations.NullMarked;
