/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queuekeeper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.queue.Delivery;
import dev.millrace.shard.queue.Place;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueRecord;
import dev.millrace.shard.queue.QueueReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The form of what goes through the queues' topics: JSON, so that a person can read it with Kafka's
 * own tools. The key of a record of the log says what it is about; what is gone has no value.
 * Fields and kinds that a newer version added are passed over.
 */
final class QueueCodec {

    private static final String CURSOR = "cursor";
    private static final String DELIVERY = "delivery";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private record Cursor(long next) {}

    private QueueCodec() {}

    static ProducerRecord<byte[], byte[]> encode(QueueRecord record) {
        return switch (record) {
            case QueueRecord.CursorPut(var queue, var shard, var next) ->
                    record(queue, cursorKey(queue, shard), json(new Cursor(next)));
            case QueueRecord.CursorGone(var queue, var shard) ->
                    record(queue, cursorKey(queue, shard), null);
            case QueueRecord.DeliveryPut(var queue, var place, var delivery) ->
                    record(queue, deliveryKey(queue, place), json(delivery));
            case QueueRecord.DeliveryGone(var queue, var place) ->
                    record(queue, deliveryKey(queue, place), null);
        };
    }

    private static ProducerRecord<byte[], byte[]> record(
            QueueId queue, String key, byte @Nullable [] value) {
        return new ProducerRecord<>(
                QueueTopics.LOG,
                QueueTopics.partitionOf(queue),
                key.getBytes(StandardCharsets.US_ASCII),
                value);
    }

    private static String cursorKey(QueueId queue, ShardId shard) {
        return CURSOR + "/" + queue + "/" + shard.index();
    }

    private static String deliveryKey(QueueId queue, Place place) {
        return DELIVERY + "/" + queue + "/" + place.shard().index() + "/" + place.offset();
    }

    /**
     * @return none for a kind that this version does not know
     */
    static Optional<QueueRecord> decode(byte[] key, byte @Nullable [] value) {
        String text = new String(key, StandardCharsets.US_ASCII);
        String[] parts = text.split("/", -1);
        try {
            return switch (parts[0]) {
                case CURSOR -> Optional.of(cursor(parts, value));
                case DELIVERY -> Optional.of(delivery(parts, value));
                default -> Optional.empty();
            };
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Record " + text + " of the queues' log cannot be read", e);
        }
    }

    private static QueueRecord cursor(String[] parts, byte @Nullable [] value) throws IOException {
        QueueId queue = new QueueId(parts[1]);
        ShardId shard = new ShardId(Long.parseLong(parts[2]));
        return value == null
                ? new QueueRecord.CursorGone(queue, shard)
                : new QueueRecord.CursorPut(
                        queue, shard, JSON.readValue(value, Cursor.class).next());
    }

    private static QueueRecord delivery(String[] parts, byte @Nullable [] value)
            throws IOException {
        QueueId queue = new QueueId(parts[1]);
        Place place = new Place(new ShardId(Long.parseLong(parts[2])), Long.parseLong(parts[3]));
        return value == null
                ? new QueueRecord.DeliveryGone(queue, place)
                : new QueueRecord.DeliveryPut(queue, place, JSON.readValue(value, Delivery.class));
    }

    static byte[] encode(QueueAsk ask) {
        return json(ask, QueueAsk.class);
    }

    /**
     * @return none for an ask of a kind that this version does not know
     */
    static Optional<QueueAsk> decodeAsk(byte[] value) {
        return read(value, QueueAsk.class);
    }

    static byte[] encode(QueueReply reply) {
        return json(reply, QueueReply.class);
    }

    static Optional<QueueReply> decodeReply(byte[] value) {
        return read(value, QueueReply.class);
    }

    private static <T> Optional<T> read(byte[] value, Class<T> as) {
        try {
            return Optional.of(JSON.readValue(value, as));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static byte[] json(Object value) {
        return json(value, value.getClass());
    }

    private static byte[] json(Object value, Class<?> as) {
        try {
            return JSON.writerFor(as).writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + value, e);
        }
    }
}
