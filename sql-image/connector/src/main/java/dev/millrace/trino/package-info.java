/* SPDX-License-Identifier: Apache-2.0 */
/** Streams as tables of Trino. */
@NullMarked
package dev.millrace.trino;

import org.jspecify.annotations.NullMarked;
