/* SPDX-License-Identifier: Apache-2.0 */
/** How a pool comes about. */
@NullMarked
package dev.millrace.operator.pool;

import org.jspecify.annotations.NullMarked;
