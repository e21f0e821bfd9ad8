/* SPDX-License-Identifier: Apache-2.0 */
/** JSON records as rows of Parquet and ORC files. */
@NullMarked
package dev.millrace.delivery.columns;

import org.jspecify.annotations.NullMarked;
