/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import dev.millrace.shard.ChannelId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ARNs of channels. Region and account are not looked at, as in those of streams. */
public final class ChannelArn {

    static final int LENGTH_MAX = 2048;

    /** Amazon's, for messages. */
    static final Pattern FORM = Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:channel/\\S+");

    private static final Pattern PARTS =
            Pattern.compile("arn:aws[^:]*:kinesis:[^:]*:\\d{12}:channel/([a-z0-9]+)");

    private ChannelArn() {}

    /** The channel of an ARN, if it can be one of ours. */
    public static Optional<ChannelId> parse(String arn) {
        Matcher matcher = PARTS.matcher(arn);
        return matcher.matches() && ChannelId.isOne(matcher.group(1))
                ? Optional.of(new ChannelId(matcher.group(1)))
                : Optional.empty();
    }
}
