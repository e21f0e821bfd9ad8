/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.Command;
import java.io.IOException;
import java.util.Optional;

/** Deletes a channel and its delivery stream; what was delivered stays. */
public final class DeleteChannel implements Action {

    private final Channels channels;

    public DeleteChannel(Channels channels) {
        this.channels = channels;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Violations violations = new Violations();
        Optional<String> arn = Channels.arn(call.input(), violations);
        violations.check();
        ChannelDefinition channel = channels.find(arn);
        channels.streams().perform(new Command.DeleteChannel(channel.stream(), channel.id()));
        return Answer.EMPTY;
    }
}
