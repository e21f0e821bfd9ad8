/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.control.ApplyStream;
import dev.millrace.broker.control.BrokerHealth;
import dev.millrace.broker.control.DescribePool;
import dev.millrace.broker.control.ListStreamStates;
import dev.millrace.broker.control.OperatorOnly;
import dev.millrace.broker.control.RemoveStream;
import dev.millrace.broker.record.GetRecords;
import dev.millrace.broker.record.GetShardIterator;
import dev.millrace.broker.record.PutRecord;
import dev.millrace.broker.record.PutRecords;
import dev.millrace.broker.record.RecordLog;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.shard.ListShards;
import dev.millrace.broker.shard.MergeShards;
import dev.millrace.broker.shard.SplitShard;
import dev.millrace.broker.shard.UpdateShardCount;
import dev.millrace.broker.stream.AddTagsToStream;
import dev.millrace.broker.stream.CreateStream;
import dev.millrace.broker.stream.DecreaseStreamRetentionPeriod;
import dev.millrace.broker.stream.DeleteStream;
import dev.millrace.broker.stream.DescribeStream;
import dev.millrace.broker.stream.DescribeStreamSummary;
import dev.millrace.broker.stream.IncreaseStreamRetentionPeriod;
import dev.millrace.broker.stream.ListStreams;
import dev.millrace.broker.stream.ListTagsForStream;
import dev.millrace.broker.stream.RemoveTagsFromStream;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** All operations of the gateway by their targets. */
final class ApiActions {

    private static final String KINESIS = "Kinesis_20131202.";
    private static final String OPERATOR = "Millrace_20261101.";

    private ApiActions() {}

    static Map<String, Action> of(
            Streams streams,
            ShardAppender appender,
            RecordLog log,
            BrokerHealth brokers,
            InstantSource clock,
            RandomGenerator random) {
        Map<String, Action> actions = new HashMap<>();
        List<Action> kinesis =
                List.of(
                        new AddTagsToStream(streams),
                        new CreateStream(streams, random),
                        new DecreaseStreamRetentionPeriod(streams),
                        new DeleteStream(streams),
                        new DescribeStream(streams),
                        new DescribeStreamSummary(streams),
                        new GetRecords(streams, log, clock),
                        new GetShardIterator(streams, log, clock),
                        new IncreaseStreamRetentionPeriod(streams),
                        new ListShards(streams, clock),
                        new ListStreams(streams),
                        new ListTagsForStream(streams),
                        new MergeShards(streams),
                        new PutRecord(streams, appender, log),
                        new PutRecords(streams, appender),
                        new RemoveTagsFromStream(streams),
                        new SplitShard(streams),
                        new UpdateShardCount(streams));
        List<Action> operator =
                List.of(
                        new ApplyStream(streams, random),
                        new DescribePool(streams, brokers),
                        new ListStreamStates(streams),
                        new RemoveStream(streams));
        // An operation is named as its class is.
        kinesis.forEach(action -> actions.put(KINESIS + nameOf(action), action));
        operator.forEach(action ->
                actions.put(
                        OPERATOR + nameOf(action), new OperatorOnly(action, streams.account())));
        return actions;
    }

    private static String nameOf(Action action) {
        return action.getClass().getSimpleName();
    }
}
