/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.engine.Commit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a delivery's descriptors: a compacted topic of its own, so that the open transactions
 * of one delivery never hold up another one.
 */
final class DescriptorLog {

    private static final int PARTITIONS = 8;
    private static final Duration WAIT_MAX = Duration.ofSeconds(90);

    private final Map<String, Object> clientProperties;
    private final String topic;

    DescriptorLog(Map<String, Object> clientProperties, String topic) {
        this.clientProperties = Map.copyOf(clientProperties);
        this.topic = topic;
    }

    /** Makes the topic unless it is there. */
    void create() throws InterruptedException {
        NewTopic wanted =
                new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty())
                        .configs(
                                Map.of(
                                        "cleanup.policy",
                                        "compact",
                                        "min.cleanable.dirty.ratio",
                                        "0.1",
                                        "segment.bytes",
                                        String.valueOf(16 << 20),
                                        "max.message.bytes",
                                        String.valueOf(4 << 20)));
        try (Admin admin = Admin.create(clientProperties)) {
            admin.createTopics(List.of(wanted)).all().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new KafkaException("Cannot create topic " + topic, e.getCause());
            }
        } catch (TimeoutException e) {
            throw new KafkaException("Cannot create topic " + topic, e);
        }
    }

    /** The records that write a commit down. */
    List<ProducerRecord<byte[], byte[]>> records(Commit commit) {
        int place = placeOf(commit.partition());
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (BatchDescriptor put : commit.puts()) {
            byte[] key = DescriptorCodec.key(commit.partition(), put.id());
            records.add(new ProducerRecord<>(topic, place, key, DescriptorCodec.encode(put)));
        }
        for (BatchId gone : commit.gone()) {
            byte[] key = DescriptorCodec.key(commit.partition(), gone);
            records.add(new ProducerRecord<byte[], byte[]>(topic, place, key, null));
        }
        return records;
    }

    /**
     * The descriptors of some partitions of the source. Call it after their committed offsets were
     * read: by then each commit of an owner before is complete as far as its offsets go, so its
     * descriptors lie before the log's present end, and all up to there is waited for.
     */
    Map<Integer, List<BatchDescriptor>> read(Collection<Integer> sourcePartitions)
            throws InterruptedException {
        Set<Integer> wanted = new TreeSet<>(sourcePartitions);
        List<TopicPartition> places =
                wanted.stream().map(p -> new TopicPartition(topic, placeOf(p))).distinct().toList();
        Map<TopicPartition, Long> ends = endsWithOpenTransactions(places);
        Map<String, BatchDescriptor> found = new HashMap<>();
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(places);
            consumer.seekToBeginning(places);
            long deadline = System.nanoTime() + WAIT_MAX.toNanos();
            while (places.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("A transaction in " + topic + " does not end");
                }
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    apply(record, found);
                }
            }
        }
        Map<Integer, List<BatchDescriptor>> byPartition = new HashMap<>();
        for (BatchDescriptor descriptor : found.values()) {
            if (wanted.contains(descriptor.partition())) {
                byPartition
                        .computeIfAbsent(descriptor.partition(), _ -> new ArrayList<>())
                        .add(descriptor);
            }
        }
        return byPartition;
    }

    private static void apply(
            ConsumerRecord<byte[], byte[]> record, Map<String, BatchDescriptor> found) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        byte @Nullable [] value = record.value(); // null where the descriptor is gone
        if (value == null) {
            found.remove(key);
        } else {
            found.put(key, DescriptorCodec.decode(record.key(), value));
        }
    }

    private Map<TopicPartition, Long> endsWithOpenTransactions(List<TopicPartition> places)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        places.forEach(place -> latest.put(place, OffsetSpec.latest()));
        try (Admin admin = Admin.create(clientProperties)) {
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(latest)
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .forEach((place, end) -> ends.put(place, end.offset()));
            return ends;
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("Cannot read the ends of " + topic, e);
        }
    }

    private static int placeOf(int sourcePartition) {
        return sourcePartition % PARTITIONS;
    }
}
