/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.shard.StreamId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * The log in Kafka: a pool of consumers for who reads what is older, one consumer for all that are
 * at the ends.
 */
public final class KafkaRecordLog implements RecordLog, AutoCloseable {

    private static final int MIB = 1024 * 1024;
    private static final Duration READER_WITHIN = Duration.ofSeconds(5);
    private static final int TAILS_MAX = 20_000;
    private static final Duration TAIL_IDLE_MAX = Duration.ofSeconds(15);

    private final PooledRecordLog pooled;
    private final KafkaTails tails;
    private final TailedRecordLog log;

    private KafkaRecordLog(PooledRecordLog pooled, KafkaTails tails) {
        this.pooled = pooled;
        this.tails = tails;
        this.log = new TailedRecordLog(pooled, tails);
    }

    /**
     * A log of the cluster behind the bootstrap servers.
     *
     * @param readersMax how many consumers read older records, and so how many such calls at once
     * @param isThere whether a stream is there, and is to stay; the ends of others are not followed
     */
    public static KafkaRecordLog of(
            String bootstrapServers,
            Map<String, Object> clientProperties,
            int readersMax,
            Predicate<StreamId> isThere) {
        return of(bootstrapServers, clientProperties, readersMax, isThere, tailBytes());
    }

    /**
     * @param tailBytes how many bytes of the newest records are kept
     */
    static KafkaRecordLog of(
            String bootstrapServers,
            Map<String, Object> clientProperties,
            int readersMax,
            Predicate<StreamId> isThere,
            long tailBytes) {
        Map<String, Object> properties = new TreeMap<>(clientProperties);
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("isolation.level", "read_committed");
        properties.put("auto.offset.reset", "none");
        properties.put("enable.auto.commit", false);
        properties.put("allow.auto.create.topics", false);
        properties.put("max.partition.fetch.bytes", MIB);
        properties.put("fetch.max.bytes", MIB);
        properties.put("fetch.max.wait.ms", 100);
        properties.put("request.timeout.ms", 8_000);
        properties.put("default.api.timeout.ms", 10_000);
        properties.put("reconnect.backoff.max.ms", 500);
        properties.put("metric.reporters", "");
        Map<String, Object> ofReaders = new TreeMap<>(properties);
        ofReaders.put("client.id", "millrace-gateway-reader");
        ofReaders.put("max.poll.records", 1_000);
        Map<String, Object> ofTails = new TreeMap<>(properties);
        ofTails.put("client.id", "millrace-gateway-tails");
        ofTails.put("max.poll.records", 5_000);
        ofTails.put("fetch.max.bytes", 8 * MIB);
        return new KafkaRecordLog(
                new PooledRecordLog(consumers(ofReaders), readersMax, READER_WITHIN),
                new KafkaTails(
                        consumers(ofTails),
                        isThere,
                        new KafkaTails.Settings(TAILS_MAX, tailBytes, TAIL_IDLE_MAX)));
    }

    private static Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers(
            Map<String, Object> properties) {
        return () ->
                new KafkaConsumer<>(
                        properties, new ByteBufferDeserializer(), new ByteBufferDeserializer());
    }

    /** A tenth of the heap, at most 256 MiB. */
    private static long tailBytes() {
        return Math.min(256L * MIB, Runtime.getRuntime().maxMemory() / 10);
    }

    @Override
    public Batch read(Partition partition, long from, long to, int recordsMax, int bytesMax) {
        return log.read(partition, from, to, recordsMax, bytesMax);
    }

    @Override
    public Batch follow(
            Partition partition, long from, long to, int recordsMax, int bytesMax, Duration wait) {
        return log.follow(partition, from, to, recordsMax, bytesMax, wait);
    }

    @Override
    public long beginOffset(Partition partition) {
        return log.beginOffset(partition);
    }

    @Override
    public long endOffset(Partition partition) {
        return log.endOffset(partition);
    }

    @Override
    public long offsetForTime(Partition partition, Instant time) {
        return log.offsetForTime(partition, time);
    }

    @Override
    public void close() {
        tails.close();
        pooled.close();
    }
}
