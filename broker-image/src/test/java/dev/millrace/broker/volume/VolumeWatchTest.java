/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class VolumeWatchTest {

    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final TopicPartition A0 = new TopicPartition("a", 0);
    private static final TopicPartition A1 = new TopicPartition("a", 1);

    private long now;
    private VolumeReading reading = VolumeReading.NONE;

    @Test
    void theReserveIsAPartAndAtMostAGibibyte() {
        assertThat(new Volume(0, 100 * MIB, 6 * MIB).isFull()).isFalse();
        assertThat(new Volume(0, 100 * MIB, 4 * MIB).isFull()).isTrue();
        assertThat(new Volume(0, 1_000 * GIB, 2 * GIB).isFull()).isFalse();
        assertThat(new Volume(0, 1_000 * GIB, GIB - 1).isFull()).isTrue();
        assertThat(new Volume(0, 0, 0).isFull()).as("nothing known").isFalse();
    }

    @Test
    void oneFullVolumeIsToldOfUntilThereIsRoom() throws InterruptedException {
        try (VolumeWatch watch = watch()) {
            assertThat(watch.full()).isEmpty();
            reading = volumes(50, 2);
            watch.look();
            assertThat(watch.full().orElseThrow()).contains("broker 1", "98 %");
            reading = VolumeReading.NONE;
            watch.look();
            assertThat(watch.full()).as("nobody answered").isPresent();
            reading = volumes(50, 50);
            watch.look();
            assertThat(watch.full()).isEmpty();
        }
    }

    @Test
    void aTopicsGrowthIsThatOfItsLargestCopiesAndOutlivesDeletedSegments()
            throws InterruptedException {
        try (VolumeWatch watch = watch()) {
            look(watch, Map.of(A0, List.of(5 * MIB, 4 * MIB)));
            assertThat(watch.topic("a").orElseThrow().growthPerSecond()).isEmpty();
            assertThat(watch.topic("a").orElseThrow().replicas()).isEqualTo(2);
            look(watch, Map.of(A0, List.of(65 * MIB, 60 * MIB)));
            assertThat(watch.topic("a").orElseThrow().bytes()).isEqualTo(125 * MIB);
            assertThat(watch.topic("a").orElseThrow().growthPerSecond()).hasValue(MIB);
            // A segment is deleted, and a child shard has come with 60 MiB.
            look(watch, Map.of(A0, List.of(MIB, MIB), A1, List.of(60 * MIB, 60 * MIB)));
            assertThat(watch.topic("a").orElseThrow().growthPerSecond()).hasValue(1.5 * MIB);
            assertThat(watch.topic("b")).isEmpty();
        }
    }

    private void look(VolumeWatch watch, Map<TopicPartition, List<Long>> replicas)
            throws InterruptedException {
        reading = new VolumeReading(volumes(50, 50).volumes(), replicas);
        watch.look();
        now += TimeUnit.SECONDS.toNanos(60);
    }

    private VolumeWatch watch() {
        return new VolumeWatch(() -> reading, () -> now);
    }

    private static VolumeReading volumes(long freeOfFirst, long freeOfSecond) {
        return new VolumeReading(
                List.of(
                        new Volume(0, 100 * MIB, freeOfFirst * MIB),
                        new Volume(1, 100 * MIB, freeOfSecond * MIB)),
                Map.of());
    }
}
