/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;

/**
 * The topic of a stream has the stream's name, so that plain Kafka clients find it, wherever Kafka
 * allows it and nobody else holds the name.
 */
final class TopicName {

    /** Topics of the service itself. */
    static final String RESERVED_PREFIX = "millrace.";

    private TopicName() {}

    static String of(StreamName name, StreamId id) {
        String value = name.value();
        boolean reserved =
                value.equals(".")
                        || value.equals("..")
                        || value.startsWith("__")
                        || value.startsWith(RESERVED_PREFIX);
        return reserved ? alternative(id) : value;
    }

    /** A name that no user's topic has. */
    static String alternative(StreamId id) {
        return "stream-" + id;
    }
}
