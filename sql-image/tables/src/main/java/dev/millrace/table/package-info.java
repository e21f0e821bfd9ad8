/* SPDX-License-Identifier: Apache-2.0 */
/** How a stream is seen as a table. */
@NullMarked
package dev.millrace.table;

import org.jspecify.annotations.NullMarked;
