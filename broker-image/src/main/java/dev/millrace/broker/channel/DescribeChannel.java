/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.ChannelDefinition;
import java.io.IOException;
import java.util.Optional;

/** A channel, and whether it delivers. */
public final class DescribeChannel implements Action {

    private final Channels channels;

    public DescribeChannel(Channels channels) {
        this.channels = channels;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Violations violations = new Violations();
        Optional<String> arn = Channels.arn(call.input(), violations);
        violations.check();
        ChannelDefinition channel = channels.find(arn);
        return (out, protocol) ->
                channels.writeDescription(out, protocol, channel, Optional.empty());
    }
}
