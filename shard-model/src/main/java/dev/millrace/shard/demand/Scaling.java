/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.demand;

import dev.millrace.shard.HashKey;
import java.util.List;

/**
 * The shards that a load asks for.
 *
 * @param boundaries the first keys of all shards but the first, in order
 * @param reason why, for people
 */
public record Scaling(List<HashKey> boundaries, String reason) {

    public Scaling {
        boundaries = List.copyOf(boundaries);
    }

    public int shards() {
        return boundaries.size() + 1;
    }
}
