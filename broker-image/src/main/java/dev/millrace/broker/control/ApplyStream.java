/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Makes a stream be as its resource says, and answers with how it stands. */
public final class ApplyStream implements Action {

    private static final int SHARD_COUNT_MAX = 1_000_000;

    private final Streams streams;
    private final RandomGenerator random;

    public ApplyStream(Streams streams, RandomGenerator random) {
        this.streams = streams;
        this.random = random;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Command.ApplyStream command = command(call.input());
        streams.perform(command);
        StreamView stream = streams.find(command.stream());
        return (out, protocol) ->
                StreamStateJson.writeFields(out, protocol, stream, streams.account());
    }

    private Command.ApplyStream command(Input input) {
        Optional<String> name = input.string("StreamName");
        Optional<String> owner = input.string("OwnerUid");
        Optional<Long> shardCount = input.integer("ShardCount");
        Optional<String> mode = input.string("StreamMode").map(ApplyStream::upper);
        Optional<String> limits = input.string("Limits").map(ApplyStream::upper);
        Optional<Long> retention = input.integer("RetentionPeriodHours");
        Optional<Long> recordSize = input.integer("MaxRecordSizeInKiB");
        Optional<Map<String, String>> tags = input.stringMap("Tags");
        Optional<Input> onDemand = input.structure("OnDemand");
        new Violations()
                .required("streamName", name)
                .length("streamName", name, 1, StreamName.LENGTH_MAX)
                .pattern("streamName", name, Pattern.compile(StreamName.PATTERN))
                .required("ownerUid", owner)
                .length("ownerUid", owner, 1, 128)
                .inRange("shardCount", shardCount, 1, SHARD_COUNT_MAX)
                .oneOf("streamMode", mode, StreamMode.values())
                .oneOf("limits", limits, LimitsProfile.values())
                .inRange(
                        "retentionPeriodHours",
                        retention,
                        StreamSettings.RETENTION_HOURS_MIN,
                        StreamSettings.RETENTION_HOURS_MAX)
                .inRange(
                        "maxRecordSizeInKiB",
                        recordSize,
                        StreamSettings.RECORD_SIZE_KIB_MIN,
                        StreamSettings.RECORD_SIZE_KIB_MAX)
                .tags("tags", tags.filter(t -> !t.isEmpty()))
                .check();
        return new Command.ApplyStream(
                new StreamName(name.orElseThrow()),
                StreamId.random(random),
                owner.orElseThrow(),
                shardCount.map(Long::intValue),
                mode.map(StreamMode::valueOf),
                limits.map(LimitsProfile::valueOf),
                retention.map(Long::intValue),
                recordSize.map(Long::intValue),
                tags,
                onDemand.map(ApplyStream::bounds),
                input.string("Delivery"));
    }

    private static OnDemandBounds bounds(Input input) {
        OnDemandBounds defaults = OnDemandBounds.DEFAULT;
        try {
            return new OnDemandBounds(
                    number(input, "MinShards", defaults.minShards()),
                    number(input, "MaxShards", defaults.maxShards()),
                    number(input, "ShardKiBPerSecond", defaults.shardKiBPerSecond()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw AwsException.invalidArgument("OnDemand: " + e.getMessage());
        }
    }

    private static int number(Input input, String field, int otherwise) {
        return input.integer(field).map(Math::toIntExact).orElse(otherwise);
    }

    /** The resource writes {@code Unlimited} where the map has {@code UNLIMITED}. */
    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
