/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.ConsumerName;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A consumer that is registered with a stream, so that it may subscribe to its shards.
 *
 * @param createdAt when it was registered; its ARN ends with the seconds, so that one registered
 *     anew is another
 * @param tags at most 50, in the order of their keys
 * @param policy who may do what with it: a resource policy, JSON
 */
public record StreamConsumer(
        ConsumerName name, Instant createdAt, Map<String, String> tags, Optional<String> policy) {

    /** How many a stream may have: what Amazon gives to those who pay for more than 20. */
    public static final int PER_STREAM_MAX = 50;

    /** How many a stream may have that keeps to Kinesis's limits. */
    public static final int PER_STREAM_KINESIS_MAX = 20;

    public StreamConsumer {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    StreamConsumer withTags(Map<String, String> changed) {
        return new StreamConsumer(name, createdAt, changed, policy);
    }

    StreamConsumer withPolicy(Optional<String> changed) {
        return new StreamConsumer(name, createdAt, tags, changed);
    }
}
