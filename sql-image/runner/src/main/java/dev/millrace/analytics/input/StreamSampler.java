/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.kpl.KplAggregation;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.map.StreamView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Reads some of a stream's newest records, of all its shards. One thread uses it. */
public final class StreamSampler {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration KAFKA_WAIT = Duration.ofSeconds(10);
    private static final int RECORDS_MAX = 1_000;
    private static final long BYTES_MAX = 4 << 20;

    private final Consumer<byte[], byte[]> consumer;
    private final ShardMapView view;
    private final RecordCipher cipher;

    /**
     * @param consumer reads committed records, and is used by nobody else
     */
    public StreamSampler(
            Consumer<byte[], byte[]> consumer, ShardMapView view, RecordCipher cipher) {
        this.consumer = consumer;
        this.view = view;
        this.cipher = cipher;
    }

    /**
     * @return none if there is no such stream, or it holds no records
     */
    public List<byte[]> sample(StreamName name) {
        Optional<StreamView> stream = view.latest().map().stream(name);
        if (stream.isEmpty() || stream.get().shards().isEmpty()) {
            return List.of();
        }
        Map<TopicPartition, Shard> shards = new HashMap<>();
        for (Shard shard : stream.get().shards()) {
            // Of shards that had one partition after the other, the newest.
            shards.merge(
                    new TopicPartition(stream.get().state().topic(), shard.partition()),
                    shard,
                    (a, b) -> a.firstOffset() > b.firstOffset() ? a : b);
        }
        Map<TopicPartition, Long> ends = seek(shards);
        List<byte[]> sample = new ArrayList<>();
        long bytes = 0;
        long silentAt = System.nanoTime() + KAFKA_WAIT.toNanos();
        while (!ends.isEmpty()
                && sample.size() < RECORDS_MAX
                && bytes < BYTES_MAX
                && System.nanoTime() < silentAt) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                byte[] data = data(stream.get().state().id(), record);
                bytes += data.length;
                if (KplAggregation.isAggregated(data)) {
                    KplAggregation.split(data).forEach(part -> sample.add(part.data()));
                } else {
                    sample.add(data);
                }
            }
            ends.keySet()
                    .removeIf(partition ->
                            consumer.position(partition, KAFKA_WAIT)
                                    >= ends.getOrDefault(partition, 0L));
        }
        consumer.assign(List.of());
        return sample;
    }

    /** To so far before the ends that all shards have their part. */
    private Map<TopicPartition, Long> seek(Map<TopicPartition, Shard> shards) {
        consumer.assign(shards.keySet());
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(shards.keySet(), KAFKA_WAIT);
        Map<TopicPartition, Long> ends =
                new HashMap<>(consumer.endOffsets(shards.keySet(), KAFKA_WAIT));
        long each = Math.max(10, RECORDS_MAX / shards.size());
        shards.forEach((partition, shard) -> {
            long begin = Math.max(shard.firstOffset(), begins.getOrDefault(partition, 0L));
            consumer.seek(partition, Math.max(begin, ends.getOrDefault(partition, 0L) - each));
        });
        return ends;
    }

    private byte[] data(StreamId stream, ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] value = record.value();
        if (value == null) {
            return new byte[0];
        }
        Header envelope = record.headers().lastHeader(RecordCipher.HEADER);
        return envelope == null ? value : cipher.decrypt(envelope.value(), stream, value);
    }
}
