/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.StreamName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an ARN of a consumer says. Region and account are not looked at, as in those of streams.
 *
 * @param createdAt the second at which it was registered, since 1970
 */
public record ConsumerArn(StreamName stream, ConsumerName consumer, long createdAt) {

    static final int LENGTH_MAX = 2048;

    /** Amazon's, for messages. */
    static final Pattern FORM =
            Pattern.compile(
                    "^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+");

    private static final Pattern PARTS =
            Pattern.compile(
                    "arn:aws[^:]*:kinesis:[^:]*:\\d{12}:stream/([a-zA-Z0-9_.-]{1,128})/consumer/([a-zA-Z0-9_.-]{1,128}):(\\d{1,15})");

    /** The parts of an ARN, if it is one of a consumer. */
    public static Optional<ConsumerArn> parse(String arn) {
        Matcher matcher = PARTS.matcher(arn);
        return matcher.matches()
                ? Optional.of(
                        new ConsumerArn(
                                new StreamName(matcher.group(1)),
                                new ConsumerName(matcher.group(2)),
                                Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }
}
