/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Which updates of a BrokerPool matter: those of spec and of annotations (pause). Its status is the
 * operator's own. The framework makes it, while building, by its constructor.
 */
public final class PoolUpdateFilter implements OnUpdateFilter<BrokerPool> {

    @Override
    public boolean accept(BrokerPool after, BrokerPool before) {
        return !Objects.equals(
                        after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || PoolMetadata.isPaused(after) != PoolMetadata.isPaused(before);
    }
}
