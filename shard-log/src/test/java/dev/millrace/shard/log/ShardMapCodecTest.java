/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.shard.ChannelId;
import dev.millrace.shard.ChannelName;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.QueueName;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.QueueStart;
import dev.millrace.shard.map.ShardMapRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShardMapCodecTest {

    private static final StreamName ORDERS = new StreamName("orders");

    @Test
    void readsWhatItWrote() {
        ShardMapRecord put =
                new ShardMapRecord.ShardPut(
                        ORDERS,
                        new Shard(
                                new ShardId(4),
                                List.of(new ShardId(1), new ShardId(2)),
                                HashKeyRange.ALL,
                                3,
                                17,
                                Instant.parse("2026-11-01T10:00:00.123Z"),
                                new Shard.Closed(99, Instant.parse("2026-11-02T10:00:00Z"))));

        assertThat(read(ShardMapCodec.encode(put, false))).contains(put);
    }

    @Test
    void readsQueues() {
        ShardMapRecord put =
                new ShardMapRecord.QueuePut(
                        new QueueDefinition(
                                QueueId.random(new Random(1)),
                                new QueueName("work"),
                                ORDERS,
                                StreamId.random(new Random(2)),
                                Instant.parse("2026-11-01T10:00:00.123Z"),
                                new QueueStart(
                                        QueueStart.Type.AT_TIMESTAMP,
                                        Instant.parse("2026-11-01T09:00:00Z"),
                                        Map.of(0L, 17L, 3L, 0L),
                                        4),
                                30,
                                Optional.of(6),
                                Map.of("team", "a"),
                                Optional.of("{}")));

        assertThat(read(ShardMapCodec.encode(put, false))).contains(put);
    }

    @Test
    void readsChannels() {
        ShardMapRecord put =
                new ShardMapRecord.ChannelPut(
                        new ChannelDefinition(
                                ChannelId.random(new Random(1)),
                                new ChannelName("lake"),
                                ORDERS,
                                StreamId.random(new Random(2)),
                                Instant.parse("2026-11-01T10:00:00.123Z"),
                                new DeliveryStreamName("channel-lake"),
                                "{}",
                                Map.of("team", "a")));

        assertThat(read(ShardMapCodec.encode(put, false))).contains(put);
    }

    @Test
    void tellsWhatIsGoneByItsKey() {
        for (ShardMapRecord gone :
                List.of(
                        new ShardMapRecord.StreamGone(ORDERS),
                        new ShardMapRecord.ShardGone(ORDERS, new ShardId(12)),
                        new ShardMapRecord.GatewayGone(new GatewayId("a.b")),
                        new ShardMapRecord.QueueGone(QueueId.random(new Random(1))),
                        new ShardMapRecord.ChannelGone(ChannelId.random(new Random(1))),
                        new ShardMapRecord.DeletedStreamGone(
                                new StreamId("abcdefghijklmnopqrst-123")))) {
            ProducerRecord<byte[], byte[]> written = ShardMapCodec.encode(gone, false);

            assertThat(written.value()).isNull();
            assertThat(read(written)).contains(gone);
        }
    }

    @Test
    void marksAllButTheLastOfADecision() {
        ShardMapRecord record = new ShardMapRecord.IteratorKeyPut("key");

        assertThat(ShardMapCodec.moreFollow(received(ShardMapCodec.encode(record, true)))).isTrue();
        assertThat(ShardMapCodec.moreFollow(received(ShardMapCodec.encode(record, false))))
                .isFalse();
    }

    @Test
    void passesOverRecordsAndFieldsOfANewerVersion() {
        assertThat(read("moon/1", "{\"record\":\"moon\",\"phase\":1}")).isEmpty();
        assertThat(read("iterator-key", "{\"record\":\"iterator-key\",\"base64\":\"k\",\"new\":1}"))
                .contains(new ShardMapRecord.IteratorKeyPut("k"));
    }

    @Test
    void saysWhichRecordCannotBeRead() {
        assertThatThrownBy(() -> read("stream/orders", "{\"record\":\"stream\",\"state\":7}"))
                .hasMessageContaining("stream/orders")
                .hasMessageContaining("offset 0");
    }

    private static Optional<ShardMapRecord> read(ProducerRecord<byte[], byte[]> written) {
        return ShardMapCodec.decode(received(written));
    }

    private static Optional<ShardMapRecord> read(String key, String value) {
        return ShardMapCodec.decode(
                received(
                        new ProducerRecord<>(
                                ShardMapLog.PARTITION.topic(),
                                key.getBytes(StandardCharsets.UTF_8),
                                value.getBytes(StandardCharsets.UTF_8))));
    }

    private static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> written) {
        byte @Nullable [] value = written.value();
        return new ConsumerRecord<>(
                written.topic(),
                0,
                0L,
                0L,
                TimestampType.CREATE_TIME,
                written.key().length,
                value == null ? -1 : value.length,
                written.key(),
                value,
                new RecordHeaders(written.headers().toArray()),
                Optional.empty());
    }
}
