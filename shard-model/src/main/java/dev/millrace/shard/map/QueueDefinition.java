/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.QueueId;
import dev.millrace.shard.QueueName;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A queue: which stream it delivers, from where, and how.
 *
 * @param visibilitySeconds how long a record is invisible that was received, unless the receiver
 *     says another time
 * @param maxReceiveCount how often a record is received before it is a dead letter; none to deliver
 *     it for ever
 * @param tags at most 50, in the order of their keys
 * @param policy who may do what with it: a resource policy, JSON
 */
public record QueueDefinition(
        QueueId id,
        QueueName name,
        StreamName stream,
        StreamId streamId,
        Instant createdAt,
        QueueStart start,
        int visibilitySeconds,
        Optional<Integer> maxReceiveCount,
        Map<String, String> tags,
        Optional<String> policy) {

    public static final int VISIBILITY_SECONDS_MAX = 43_200;
    public static final int VISIBILITY_SECONDS_DEFAULT = 30;
    public static final int MAX_RECEIVE_COUNT_MAX = 1_000;
    public static final int MAX_RECEIVE_COUNT_DEFAULT = 6;

    public QueueDefinition {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** Whether a record that was received so often and comes back is a dead letter. */
    public boolean isDeadAfter(int receiveCount) {
        return maxReceiveCount.isPresent() && receiveCount >= maxReceiveCount.get();
    }

    QueueDefinition with(int newVisibilitySeconds, Optional<Integer> newMaxReceiveCount) {
        return new QueueDefinition(
                id,
                name,
                stream,
                streamId,
                createdAt,
                start,
                newVisibilitySeconds,
                newMaxReceiveCount,
                tags,
                policy);
    }

    QueueDefinition withTags(Map<String, String> changed) {
        return new QueueDefinition(
                id,
                name,
                stream,
                streamId,
                createdAt,
                start,
                visibilitySeconds,
                maxReceiveCount,
                changed,
                policy);
    }

    QueueDefinition withPolicy(Optional<String> changed) {
        return new QueueDefinition(
                id,
                name,
                stream,
                streamId,
                createdAt,
                start,
                visibilitySeconds,
                maxReceiveCount,
                tags,
                changed);
    }
}
