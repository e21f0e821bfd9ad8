/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.millrace.shard.ChannelId;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.ShardMapRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * The form of the shard map's records and of the inbox's messages: JSON, so that a person can read
 * the log with Kafka's own tools. A thing that is gone has no value, as compaction wants it, and is
 * told by its key.
 */
public final class ShardMapCodec {

    /** On every record of a decision but its last one: a reader applies decisions whole. */
    private static final Header MORE_FOLLOW = new RecordHeader("more", new byte[0]);

    /**
     * Fields that a newer version added are passed over, so that gateways of two versions can
     * follow one log during an upgrade.
     */
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private ShardMapCodec() {}

    public static ProducerRecord<byte[], byte[]> encode(ShardMapRecord record, boolean moreFollow) {
        ProducerRecord<byte[], byte[]> encoded =
                new ProducerRecord<>(
                        ShardMapLog.PARTITION.topic(),
                        ShardMapLog.PARTITION.partition(),
                        record.key().getBytes(StandardCharsets.UTF_8),
                        record.isTombstone() ? null : json(record, ShardMapRecord.class));
        if (moreFollow) {
            encoded.headers().add(MORE_FOLLOW);
        }
        return encoded;
    }

    public static boolean moreFollow(ConsumerRecord<byte[], byte[]> record) {
        return record.headers().lastHeader(MORE_FOLLOW.key()) != null;
    }

    /**
     * @return none for a record of a kind that this version does not know
     */
    public static Optional<ShardMapRecord> decode(ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        byte @Nullable [] value = record.value(); // null where the thing is gone
        if (value == null) {
            return gone(key);
        }
        try {
            return Optional.of(JSON.readValue(value, ShardMapRecord.class));
        } catch (com.fasterxml.jackson.databind.exc.InvalidTypeIdException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Record %s at offset %d of the shard map cannot be read"
                            .formatted(key, record.offset()),
                    e);
        }
    }

    public static byte[] encode(GatewayMessage message) {
        return json(message, GatewayMessage.class);
    }

    /**
     * @return none for a message of a kind that this version does not know
     */
    public static Optional<GatewayMessage> decodeMessage(byte[] value) {
        try {
            return Optional.of(JSON.readValue(value, GatewayMessage.class));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Optional<ShardMapRecord> gone(String key) {
        String[] parts = key.split("/", -1);
        return switch (parts[0]) {
            case "stream" -> Optional.of(new ShardMapRecord.StreamGone(new StreamName(parts[1])));
            case "shard" ->
                    Optional.of(
                            new ShardMapRecord.ShardGone(
                                    new StreamName(parts[1]),
                                    new ShardId(Long.parseLong(parts[2]))));
            case "gateway" -> Optional.of(new ShardMapRecord.GatewayGone(new GatewayId(parts[1])));
            case "deleted" ->
                    Optional.of(new ShardMapRecord.DeletedStreamGone(new StreamId(parts[1])));
            case "channel" -> Optional.of(new ShardMapRecord.ChannelGone(new ChannelId(parts[1])));
            case "queue" -> Optional.of(new ShardMapRecord.QueueGone(new QueueId(parts[1])));
            default -> Optional.empty();
        };
    }

    private static byte[] json(Object value, Class<?> as) {
        try {
            return JSON.writerFor(as).writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + value, e);
        }
    }
}
