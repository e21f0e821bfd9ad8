/* SPDX-License-Identifier: Apache-2.0 */
/** Destinations and what can go wrong with each: the rows of the matrix in docs/delivery.md. */
@NullMarked
package dev.millrace.delivery.matrix;

import org.jspecify.annotations.NullMarked;
