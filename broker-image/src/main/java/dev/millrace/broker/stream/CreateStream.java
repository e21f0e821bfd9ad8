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
import dev.millrace.shard.map.RecordDistributionStrategy;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamSettings;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Makes a stream: it is CREATING when this answers, and ACTIVE soon after. */
public final class CreateStream implements Action {

    private static final int SHARD_COUNT_MAX = 1_000_000;

    /** What a new on-demand stream begins with, as Amazon's do. */
    private static final int ON_DEMAND_SHARDS = 4;

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
        Optional<String> strategy = input.string("RecordDistributionStrategy");
        Optional<Long> warmThroughput = input.integer("WarmThroughputMiBps");
        boolean onDemand = mode.filter(StreamMode.ON_DEMAND.name()::equals).isPresent();
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
                        .oneOf("streamModeDetails.streamMode", mode, StreamMode.values())
                        .oneOf(
                                "recordDistributionStrategy",
                                strategy,
                                RecordDistributionStrategy.values())
                        .inRange("warmThroughputMiBps", warmThroughput, 0, Integer.MAX_VALUE)
                        .tags("tags", tags);
        if (!onDemand) {
            violations.required("shardCount", shardCount);
        }
        violations.check();
        if (!onDemand
                && strategy.filter(RecordDistributionStrategy.AUTO.name()::equals).isPresent()) {
            throw AwsException.invalidArgument(
                    "RecordDistributionStrategy AUTO is for streams in ON_DEMAND mode only.");
        }
        if (warmThroughput.isPresent()) {
            throw AccountSettings.noCommitment("WarmThroughputMiBps");
        }
        StreamSettings settings =
                StreamSettings.DEFAULT
                        .withMode(onDemand ? StreamMode.ON_DEMAND : StreamMode.PROVISIONED)
                        .withMaxRecordSizeKiB(
                                recordSize
                                        .map(Long::intValue)
                                        .orElse(StreamSettings.RECORD_SIZE_KIB_MIN))
                        .withRecordDistribution(
                                strategy.map(RecordDistributionStrategy::valueOf)
                                        .orElse(RecordDistributionStrategy.USER_PARTITION_KEY))
                        .withTags(tags.orElse(Map.of()));
        streams.perform(
                new Command.CreateStream(
                        new StreamName(name.orElseThrow()),
                        StreamId.random(random),
                        shardCount.map(Long::intValue).orElse(ON_DEMAND_SHARDS),
                        settings));
        return Answer.EMPTY;
    }
}
