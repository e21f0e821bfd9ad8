/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.ChannelId;
import dev.millrace.shard.ChannelName;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A channel: which stream is delivered where. A delivery stream does the work; this is what the API
 * says of it.
 *
 * @param carrier the delivery stream
 * @param configuration what the caller asked for, JSON, with defaults filled in
 * @param tags at most 50, in the order of their keys
 */
public record ChannelDefinition(
        ChannelId id,
        ChannelName name,
        StreamName stream,
        StreamId streamId,
        Instant createdAt,
        DeliveryStreamName carrier,
        String configuration,
        Map<String, String> tags) {

    /** How many a stream may have. */
    public static final int PER_STREAM_MAX = 50;

    private static final String PREFIX = "channel-";

    public ChannelDefinition {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** The delivery stream of a channel: named as it is, wherever that fits. */
    public static DeliveryStreamName carrierOf(ChannelName name, ChannelId id) {
        String wanted = PREFIX + name;
        return new DeliveryStreamName(
                wanted.length() <= DeliveryStreamName.LENGTH_MAX ? wanted : PREFIX + id);
    }

    ChannelDefinition withConfiguration(String changed) {
        return new ChannelDefinition(id, name, stream, streamId, createdAt, carrier, changed, tags);
    }

    ChannelDefinition withTags(Map<String, String> changed) {
        return new ChannelDefinition(
                id, name, stream, streamId, createdAt, carrier, configuration, changed);
    }
}
