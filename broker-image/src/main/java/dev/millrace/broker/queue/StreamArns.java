/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.ShardMap;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ARNs of streams inside of lists, as the operations on queues and channels have them. */
public final class StreamArns {

    private static final Pattern FORM = Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
    private static final Pattern NAME = Pattern.compile(".*:stream/([a-zA-Z0-9_.-]{1,128})");
    private static final int LENGTH_MAX = 2048;
    private static final int FILTERS_MAX = 10_000;

    private StreamArns() {}

    /** Adds what is wrong with the StreamARN that a structure must have. */
    public static void check(Input input, String path, Violations violations) {
        Optional<String> arn = input.string("StreamARN");
        violations
                .required(path + "streamARN", arn)
                .length(path + "streamARN", arn, 1, LENGTH_MAX)
                .pattern(path + "streamARN", arn, FORM);
    }

    /**
     * The streams that a list is to be of.
     *
     * @return lets all through where the request has no filter
     */
    public static Predicate<StreamName> filter(Input input, ShardMap map, Violations violations) {
        Optional<List<Input>> filters = input.structures("StreamFilter");
        filters.ifPresent(list -> {
            violations.size("'[]'", "streamFilter", list.size(), 1, FILTERS_MAX);
            for (int i = 0; i < list.size(); i++) {
                check(list.get(i), "streamFilter." + (i + 1) + ".member.", violations);
            }
        });
        return stream ->
                filters.isEmpty()
                        || filters.get().stream().anyMatch(filter -> matches(filter, stream, map));
    }

    private static boolean matches(Input filter, StreamName stream, ShardMap map) {
        Matcher name = NAME.matcher(filter.string("StreamARN").orElse(""));
        Optional<Instant> created = filter.timestamp("StreamCreationTimestamp");
        return name.matches()
                && stream.value().equals(name.group(1))
                && (created.isEmpty()
                        || map.stream(stream)
                                .filter(view ->
                                        view.state().createdAt().getEpochSecond()
                                                == created.get().getEpochSecond())
                                .isPresent());
    }

    /** When a stream was made, for summaries. */
    public static Instant createdAt(StreamName stream, ShardMap map) {
        return map.stream(stream).map(view -> view.state().createdAt()).orElse(Instant.EPOCH);
    }
}
