/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.reshard;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import java.util.List;

/** One split or one merge: the only two ways in which Kinesis's shards change. */
public sealed interface ReshardStep {

    /** The shards that close, lower range first. */
    List<Shard> parents();

    /** The ranges that open in their place, lower first. */
    List<HashKeyRange> children();

    record Split(Shard parent, HashKey at) implements ReshardStep {
        @Override
        public List<Shard> parents() {
            return List.of(parent);
        }

        @Override
        public List<HashKeyRange> children() {
            HashKeyRange.Halves halves = parent.range().splitAt(at);
            return List.of(halves.lower(), halves.upper());
        }
    }

    record Merge(Shard lower, Shard upper) implements ReshardStep {
        @Override
        public List<Shard> parents() {
            return List.of(lower, upper);
        }

        @Override
        public List<HashKeyRange> children() {
            return List.of(lower.range().mergedWith(upper.range()));
        }
    }
}
