/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.shard.QueueId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ARNs of queues. Region and account are not looked at, as in those of streams. */
public final class QueueArn {

    static final int LENGTH_MAX = 2048;

    /** Amazon's, for messages. */
    static final Pattern FORM = Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:queue/\\S+");

    private static final Pattern PARTS =
            Pattern.compile("arn:aws[^:]*:kinesis:[^:]*:\\d{12}:queue/([a-z0-9]+)");

    private QueueArn() {}

    /** The queue of an ARN, if it can be one of ours. */
    public static Optional<QueueId> parse(String arn) {
        Matcher matcher = PARTS.matcher(arn);
        return matcher.matches() && QueueId.isOne(matcher.group(1))
                ? Optional.of(new QueueId(matcher.group(1)))
                : Optional.empty();
    }
}
