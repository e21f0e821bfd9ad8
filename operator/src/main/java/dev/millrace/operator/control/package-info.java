/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the operator asks of a pool's gateway: how its streams stand, and to make one as its
 * resource says.
 */
@NullMarked
package dev.millrace.operator.control;

import org.jspecify.annotations.NullMarked;
