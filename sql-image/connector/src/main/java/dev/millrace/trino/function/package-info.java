/* SPDX-License-Identifier: Apache-2.0 */
/** Functions of continuous queries. */
@NullMarked
package dev.millrace.trino.function;

import org.jspecify.annotations.NullMarked;
