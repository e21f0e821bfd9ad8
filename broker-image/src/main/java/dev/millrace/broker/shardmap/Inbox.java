/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.log.ShardMapCodec;
import dev.millrace.shard.map.GatewayMessage;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages to the writer. A message that is lost is made up for: by the next heartbeat, or a
 * time-out.
 */
final class Inbox implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Inbox.class);

    private final KafkaProducer<byte[], byte[]> producer;

    Inbox(KafkaProducer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Does not wait for the brokers, but may for a moment while they cannot be reached. */
    @SuppressWarnings("FutureReturnValueIgnored") // the callback tells
    void send(GatewayMessage message) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        ShardMapTopics.INBOX.topic(),
                        ShardMapTopics.INBOX.partition(),
                        null,
                        ShardMapCodec.encode(message));
        try {
            producer.send(
                    record,
                    (_, failure) -> {
                        if (failure != null) {
                            log.warn(
                                    "{} did not reach the shard map's writer: {}",
                                    message,
                                    failure.getMessage());
                        }
                    });
        } catch (RuntimeException e) {
            log.warn("{} did not reach the shard map's writer: {}", message, e.getMessage());
        }
    }

    /** Hands over what was sent, then closes. */
    @Override
    public void close() {
        producer.close(java.time.Duration.ofSeconds(5));
    }
}
