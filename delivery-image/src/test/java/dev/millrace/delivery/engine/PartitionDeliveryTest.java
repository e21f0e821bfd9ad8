/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.Output;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PartitionDeliveryTest {

    private static final BufferKey TEN = new BufferKey.Data(Map.of("hour", "10"));
    private static final BufferKey NINE = new BufferKey.Data(Map.of("hour", "09"));
    private static final BufferKey EIGHT = new BufferKey.Data(Map.of("hour", "08"));
    private static final Buffering BUFFERING =
            new Buffering(
                    new BufferingHints(100, Duration.ofSeconds(60)),
                    new BufferingHints(100, Duration.ofSeconds(60)));

    private final PartitionDelivery delivery =
            new PartitionDelivery(
                    0, 0, OptionalLong.empty(), List.of(), new byte[0], new ActivePartitions(2));
    private Instant now = Instant.EPOCH;

    /** At the edge of an hour records of both come in turn: neither buffer goes out for that. */
    @Test
    void lateRecordsTouchNoBufferButTheirOwn() {
        put(0, TEN, 10);
        put(1, NINE, 10);
        put(2, TEN, 10);
        put(3, NINE, 10);
        assertThat(delivery.open()).hasSize(2);
        assertThat(delivery.due(BUFFERING, now)).isEmpty();

        // One is full; the other goes on gathering.
        put(4, NINE, 90);
        assertThat(delivery.due(BUFFERING, now)).extracting(OpenBatch::key).containsExactly(NINE);
        seal(NINE);
        assertThat(delivery.open()).extracting(OpenBatch::key).containsExactly(TEN);
        put(5, NINE, 10);
        assertThat(delivery.due(BUFFERING, now)).isEmpty();
    }

    @Test
    void eachBufferGoesOutAtItsOwnAge() {
        put(0, TEN, 10);
        now = now.plusSeconds(30);
        put(1, NINE, 10);
        now = now.plusSeconds(30);
        assertThat(delivery.due(BUFFERING, now)).extracting(OpenBatch::key).containsExactly(TEN);
        now = now.plusSeconds(30);
        assertThat(delivery.due(BUFFERING, now))
                .extracting(OpenBatch::key)
                .containsExactlyInAnyOrder(TEN, NINE);
    }

    @Test
    void aPartitionTooManyIsNotAdmittedUntilOneIsDelivered() {
        put(0, TEN, 10);
        put(1, NINE, 10);
        assertThat(delivery.admits(2, output(TEN))).as("it is active").isTrue();
        assertThat(delivery.admits(2, output(EIGHT))).isFalse();
        assertThat(delivery.admits(2, output(new BufferKey.Backup()))).isTrue();
        assertThat(delivery.admits(2, output(BufferKey.Data.ALL))).isTrue();

        // It waits to go out, and is active as long as it does.
        BatchId id = seal(TEN);
        delivery.applied(delivery.prepare());
        assertThat(delivery.takeReady()).hasSize(1);
        assertThat(delivery.admits(2, output(EIGHT))).isFalse();
        delivery.delivered(id);
        assertThat(delivery.admits(2, output(EIGHT))).isTrue();
    }

    /** Its records are another worker's; the partitions of others remain. */
    @Test
    void aPartitionOfTheSourceThatLeavesTakesItsPartitionsAlong() {
        ActivePartitions active = new ActivePartitions(2);
        PartitionDelivery leaves =
                new PartitionDelivery(1, 0, OptionalLong.empty(), List.of(), new byte[0], active);
        PartitionDelivery stays =
                new PartitionDelivery(2, 0, OptionalLong.empty(), List.of(), new byte[0], active);
        leaves.add(0, now, output(TEN), now);
        leaves.add(1, now, output(NINE), now);
        stays.add(0, now, output(TEN), now);
        assertThat(stays.admits(1, output(EIGHT))).isFalse();
        leaves.left();
        assertThat(active.count()).isEqualTo(1);
        assertThat(stays.admits(1, output(EIGHT))).isTrue();
    }

    private static Output output(BufferKey key) {
        return new Output(0, key, new byte[1]);
    }

    private void put(long offset, BufferKey key, int bytes) {
        delivery.add(offset, now, new Output(0, key, new byte[bytes]), now);
        delivery.readTo(offset + 1);
    }

    private BatchId seal(BufferKey key) {
        OpenBatch batch =
                delivery.open().stream()
                        .filter(open -> open.key().equals(key))
                        .findFirst()
                        .orElseThrow();
        BatchId id = new BatchId(new UUID(1, 2));
        delivery.seal(batch, id, id.toString());
        return id;
    }
}
