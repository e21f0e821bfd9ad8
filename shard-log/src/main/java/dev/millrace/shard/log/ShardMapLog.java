/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the shard map's log, from its start and then decision by decision. For one thread; each
 * call may throw a {@link org.apache.kafka.common.KafkaException}, after which a new log is to be
 * opened.
 */
public final class ShardMapLog implements AutoCloseable {

    /**
     * The log: one partition, compacted, so that it holds the last value of everything for ever.
     */
    public static final TopicPartition PARTITION = new TopicPartition("millrace.shard-map", 0);

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<ShardMapRecord> undecided = new ArrayList<>();

    private ShardMapLog(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /**
     * Opens the log at its start. It takes no part in a consumer group.
     *
     * @param clientProperties how to reach the brokers: {@code bootstrap.servers}, and what their
     *     security asks for
     */
    public static ShardMapLog open(Map<String, ?> clientProperties) {
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
        return new ShardMapLog(consumer);
    }

    /**
     * Reads up to the present end of the log as one step: nobody needs to see the states in
     * between. Call it once, first.
     *
     * @param stop asked now and then; the map is not whole if it says so
     */
    public ShardMap replay(BooleanSupplier stop) {
        long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
        List<ShardMapRecord> records = new ArrayList<>();
        while (consumer.position(PARTITION) < end && !stop.getAsBoolean()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                ShardMapCodec.decode(record).ifPresent(records::add);
            }
        }
        return ShardMap.empty().replay(records);
    }

    /**
     * Waits up to 100 ms for more.
     *
     * @param decisions given the records of each decision, whole and in order
     */
    public void follow(Consumer<List<ShardMapRecord>> decisions) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            ShardMapCodec.decode(record).ifPresent(undecided::add);
            if (!ShardMapCodec.moreFollow(record)) {
                List<ShardMapRecord> decision = List.copyOf(undecided);
                undecided.clear();
                decisions.accept(decision);
            }
        }
    }

    /** Whether all was read that the brokers are known to have. */
    public boolean isAtEnd() {
        OptionalLong lag = consumer.currentLag(PARTITION);
        return lag.orElse(0) == 0;
    }

    /** The offset behind what was read. */
    public long position() {
        return consumer.position(PARTITION);
    }

    /**
     * Ends a call that waits in another thread, or the next one, with a {@link
     * org.apache.kafka.common.errors.WakeupException}.
     */
    public void wakeUp() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
