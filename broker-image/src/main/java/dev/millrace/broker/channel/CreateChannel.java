/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.queue.StreamArns;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ChannelId;
import dev.millrace.shard.ChannelName;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.Command;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Makes a channel, and the delivery stream that carries it: CREATING now, ACTIVE soon after. */
public final class CreateChannel implements Action {

    private static final int STREAMS_MAX = 10_000;
    private static final Pattern NAME = Pattern.compile(ChannelName.PATTERN);

    private final Channels channels;
    private final InstantSource clock;
    private final RandomGenerator random;

    public CreateChannel(Channels channels, InstantSource clock, RandomGenerator random) {
        this.channels = channels;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<String> name = input.string("ChannelName");
        Optional<List<Input>> configurations = input.structures("StreamConfigurationList");
        Optional<Map<String, String>> tags = input.stringMap("Tags");
        violations
                .required("channelName", name)
                .length("channelName", name, 1, ChannelName.LENGTH_MAX)
                .pattern("channelName", name, NAME)
                .required("streamConfigurationList", configurations);
        configurations.ifPresent(list -> checkForm(list, violations));
        ChannelConfiguration.check(input, violations);
        violations.tags("tags", tags).check();
        channels.checkOffered();
        if (configurations.orElseThrow().size() > 1) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "StreamConfigurationList must contain exactly one entry: one stream is supported per channel.");
        }
        ObjectNode body = Channels.body(call);
        ChannelConfiguration configuration =
                ChannelConfiguration.of(
                        body,
                        (ObjectNode) body.at("/StreamConfigurationList/0/RecordConfiguration"));
        StreamName stream =
                channels.streams()
                        .find(
                                new StreamReference(
                                        Optional.empty(),
                                        configurations.get().getFirst().string("StreamARN"),
                                        Optional.empty()))
                        .state()
                        .name();
        ChannelId id = ChannelId.random(random);
        channels.streams()
                .perform(
                        new Command.CreateChannel(
                                stream,
                                id,
                                new ChannelName(name.orElseThrow()),
                                StreamId.random(random),
                                configuration.text(),
                                CarrierSpec.of(configuration, stream, clock.instant()),
                                tags.orElseGet(Map::of)));
        ChannelDefinition channel = channels.find(id);
        return (out, protocol) ->
                channels.writeDescription(out, protocol, channel, Optional.of("CREATING"));
    }

    private static void checkForm(List<Input> configurations, Violations violations) {
        violations.size("'[]'", "streamConfigurationList", configurations.size(), 1, STREAMS_MAX);
        for (int i = 0; i < configurations.size(); i++) {
            String path = "streamConfigurationList." + (i + 1) + ".member.";
            StreamArns.check(configurations.get(i), path, violations);
            Optional<Input> records = configurations.get(i).structure("RecordConfiguration");
            Optional<String> format = records.flatMap(some -> some.string("RecordFormatType"));
            violations.required(path + "recordConfiguration", records);
            if (records.isPresent()) {
                violations.required(path + "recordConfiguration.recordFormatType", format);
            }
            violations.oneOf(
                    path + "recordConfiguration.recordFormatType",
                    format,
                    ChannelConfiguration.Format.values());
        }
    }
}
