/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HashKeyRangeTest {

    @Test
    void uniformRangesCoverTheSpaceWithoutGapOrOverlap() {
        for (int parts : new int[] {1, 2, 3, 7, 8, 1_000}) {
            List<HashKeyRange> ranges = HashKeyRange.uniform(parts);
            assertThat(ranges).hasSize(parts);
            assertThat(ranges.getFirst().start()).isEqualTo(HashKey.MIN);
            assertThat(ranges.getLast().end()).isEqualTo(HashKey.MAX);
            for (int i = 1; i < parts; i++) {
                assertThat(ranges.get(i).start()).isEqualTo(ranges.get(i - 1).end().next());
                assertThat(ranges.get(i).isAdjacentTo(ranges.get(i - 1))).isTrue();
            }
        }
    }

    @Test
    void uniformRangesAreAmazons() {
        // As DescribeStream shows a new stream of three shards.
        assertThat(HashKeyRange.uniform(3).get(1))
                .hasToString(
                        "[113427455640312821154458202477256070485, 226854911280625642308916404954512140969]");
    }

    @Test
    void splitAndMergeAreInverse() {
        HashKeyRange.Halves halves = HashKeyRange.ALL.splitAt(HashKey.parse("1"));
        assertThat(halves.lower()).isEqualTo(new HashKeyRange(HashKey.MIN, HashKey.MIN));
        assertThat(halves.upper().mergedWith(halves.lower())).isEqualTo(HashKeyRange.ALL);
        assertThat(HashKeyRange.ALL.splitAt(HashKey.MAX).upper())
                .isEqualTo(new HashKeyRange(HashKey.MAX, HashKey.MAX));
    }

    @Test
    void refusesImpossibleSplitsAndMerges() {
        assertThatThrownBy(() -> HashKeyRange.ALL.splitAt(HashKey.MIN))
                .isInstanceOf(IllegalArgumentException.class);
        List<HashKeyRange> ranges = HashKeyRange.uniform(3);
        assertThatThrownBy(() -> ranges.get(0).mergedWith(ranges.get(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new HashKeyRange(HashKey.MAX, HashKey.MIN))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
