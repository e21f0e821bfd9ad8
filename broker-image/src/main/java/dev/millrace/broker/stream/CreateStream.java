/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamSettings;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Makes a stream: it is CREATING when this answers, and ACTIVE soon after. */
public final class CreateStream implements Action {

    /** All modes that Kinesis has. */
    private enum KinesisMode {
        PROVISIONED,
        ON_DEMAND
    }

    private static final int SHARD_COUNT_MAX = 1_000_000;

    private final Streams streams;
    private final RandomGenerator random;

    public CreateStream(Streams streams, RandomGenerator random) {
        this.streams = streams;
        this.random = random;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Optional<String> name = input.string("StreamName");
        Optional<Long> shardCount = input.integer("ShardCount");
        Optional<Long> recordSize = input.integer("MaxRecordSizeInKiB");
        Optional<Map<String, String>> tags = input.stringMap("Tags").filter(t -> !t.isEmpty());
        Optional<String> mode =
                input.structure("StreamModeDetails")
                        .flatMap(details -> details.string("StreamMode"));
        boolean onDemand = mode.filter(KinesisMode.ON_DEMAND.name()::equals).isPresent();
        Violations violations =
                new Violations()
                        .required("streamName", name)
                        .length("streamName", name, 1, StreamName.LENGTH_MAX)
                        .pattern("streamName", name, Pattern.compile(StreamName.PATTERN))
                        .inRange("shardCount", shardCount, 1, SHARD_COUNT_MAX)
                        .inRange(
                                "maxRecordSizeInKiB",
                                recordSize,
                                StreamSettings.RECORD_SIZE_KIB_MIN,
                                StreamSettings.RECORD_SIZE_KIB_MAX)
                        .oneOf("streamModeDetails.streamMode", mode, KinesisMode.values())
                        .tags("tags", tags);
        if (!onDemand) {
            violations.required("shardCount", shardCount);
        }
        violations.check();
        if (onDemand) {
            throw AwsException.invalidArgument("Stream mode ON_DEMAND is not supported yet.");
        }
        StreamSettings settings =
                new StreamSettings(
                        StreamMode.PROVISIONED,
                        StreamSettings.DEFAULT.limits(),
                        StreamSettings.DEFAULT.retentionHours(),
                        recordSize
                                .map(Long::intValue)
                                .orElse(StreamSettings.DEFAULT.maxRecordSizeKiB()),
                        tags.orElse(Map.of()));
        streams.perform(
                new Command.CreateStream(
                        new StreamName(name.orElseThrow()),
                        StreamId.random(random),
                        shardCount.orElseThrow().intValue(),
                        settings));
        return Answer.EMPTY;
    }
}
