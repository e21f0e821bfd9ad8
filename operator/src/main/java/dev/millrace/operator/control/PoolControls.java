/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

/** The way to the control API of any pool. */
@FunctionalInterface
public interface PoolControls {
    PoolControl of(PoolRef pool);
}
