/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.pool.BrokerPoolSpec;

/** What a pool is like that a Stream names and nobody has made: the chart's defaults. */
@FunctionalInterface
public interface PoolDefaults {
    BrokerPoolSpec spec();
}
