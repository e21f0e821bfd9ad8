/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import dev.millrace.broker.shardmap.KafkaShardMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A topic of the pool that every gateway reads from its end on. Clients are made at first use. */
public final class KafkaShareExchange implements ShareExchange {

    private static final TopicPartition PARTITION = KafkaShardMap.SHARES;

    private static final Logger log = LoggerFactory.getLogger(KafkaShareExchange.class);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

    private final String bootstrapServers;
    // The thread's that receives; it sends, too, or others do so once it has begun to receive.
    private volatile @Nullable KafkaProducer<byte[], byte[]> producer;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;

    public KafkaShareExchange(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // one that is lost is asked for again
    public void send(byte[] message) {
        KafkaProducer<byte[], byte[]> to = producer;
        if (to == null) {
            return;
        }
        try {
            to.send(new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), null, message));
        } catch (RuntimeException e) {
            log.debug("A message about shards' limits is lost: {}", e.toString());
        }
    }

    @Override
    public List<byte[]> receive(Duration atMost) {
        KafkaConsumer<byte[], byte[]> from = consumer == null ? open() : consumer;
        List<byte[]> messages = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : from.poll(atMost)) {
            messages.add(record.value());
        }
        return messages;
    }

    private KafkaConsumer<byte[], byte[]> open() {
        KafkaConsumer<byte[], byte[]> opened =
                new KafkaConsumer<>(
                        consumerConfig(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        opened.assign(List.of(PARTITION));
        opened.seekToEnd(List.of(PARTITION));
        consumer = opened;
        producer =
                new KafkaProducer<>(
                        producerConfig(), new ByteArraySerializer(), new ByteArraySerializer());
        return opened;
    }

    @Override
    public void close() {
        KafkaProducer<byte[], byte[]> sending = producer;
        producer = null;
        if (sending != null) {
            sending.close(CLOSE_WITHIN);
        }
        if (consumer != null) {
            consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(CLOSE_WITHIN));
            consumer = null;
        }
    }

    private Map<String, Object> consumerConfig() {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("client.id", "millrace-shares");
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "latest");
        config.put("allow.auto.create.topics", false);
        config.put("reconnect.backoff.max.ms", 500);
        return config;
    }

    /** A message that comes late is worth nothing, so that little is waited for. */
    private Map<String, Object> producerConfig() {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("client.id", "millrace-shares");
        config.put("acks", "1");
        config.put("enable.idempotence", false);
        config.put("retries", 0);
        config.put("linger.ms", 0);
        config.put("max.block.ms", 0);
        config.put("request.timeout.ms", 1_000);
        config.put("delivery.timeout.ms", 1_000);
        config.put("buffer.memory", 1L << 20);
        config.put("reconnect.backoff.max.ms", 500);
        return config;
    }
}
