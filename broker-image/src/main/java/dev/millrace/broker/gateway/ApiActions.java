/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.authorization.Authorized;
import dev.millrace.broker.authorization.Permissions;
import dev.millrace.broker.channel.Channels;
import dev.millrace.broker.channel.CreateChannel;
import dev.millrace.broker.channel.DeleteChannel;
import dev.millrace.broker.channel.DescribeChannel;
import dev.millrace.broker.channel.ListChannels;
import dev.millrace.broker.channel.UpdateChannel;
import dev.millrace.broker.consumer.DeregisterStreamConsumer;
import dev.millrace.broker.consumer.DescribeStreamConsumer;
import dev.millrace.broker.consumer.ListStreamConsumers;
import dev.millrace.broker.consumer.RegisterStreamConsumer;
import dev.millrace.broker.consumer.SubscribeToShard;
import dev.millrace.broker.consumer.Subscriptions;
import dev.millrace.broker.control.ApplyStream;
import dev.millrace.broker.control.BrokerHealth;
import dev.millrace.broker.control.DescribePool;
import dev.millrace.broker.control.ListStreamStates;
import dev.millrace.broker.control.OperatorOnly;
import dev.millrace.broker.control.RemoveStream;
import dev.millrace.broker.encryption.StartStreamEncryption;
import dev.millrace.broker.encryption.StopStreamEncryption;
import dev.millrace.broker.firehose.CreateDeliveryStream;
import dev.millrace.broker.firehose.DeleteDeliveryStream;
import dev.millrace.broker.firehose.DeliveryStreams;
import dev.millrace.broker.firehose.DescribeDeliveryStream;
import dev.millrace.broker.firehose.ListDeliveryStreams;
import dev.millrace.broker.firehose.ListTagsForDeliveryStream;
import dev.millrace.broker.firehose.PutRecordBatch;
import dev.millrace.broker.firehose.StartDeliveryStreamEncryption;
import dev.millrace.broker.firehose.StopDeliveryStreamEncryption;
import dev.millrace.broker.firehose.TagDeliveryStream;
import dev.millrace.broker.firehose.UntagDeliveryStream;
import dev.millrace.broker.firehose.UpdateDestination;
import dev.millrace.broker.limits.ShardLimits;
import dev.millrace.broker.queue.AcknowledgeDeadLetterQueueRecords;
import dev.millrace.broker.queue.AcknowledgeQueueRecords;
import dev.millrace.broker.queue.CreateQueue;
import dev.millrace.broker.queue.DeleteQueue;
import dev.millrace.broker.queue.DescribeQueue;
import dev.millrace.broker.queue.ListQueues;
import dev.millrace.broker.queue.Queues;
import dev.millrace.broker.queue.ReceiveDeadLetterQueueRecords;
import dev.millrace.broker.queue.ReceiveQueueRecords;
import dev.millrace.broker.queue.Receiving;
import dev.millrace.broker.queue.RestoreDeadLetterQueueRecords;
import dev.millrace.broker.queue.Settling;
import dev.millrace.broker.queue.UpdateDeadLetterQueueRecordsVisibility;
import dev.millrace.broker.queue.UpdateQueue;
import dev.millrace.broker.queue.UpdateQueueRecordsVisibility;
import dev.millrace.broker.record.GetRecords;
import dev.millrace.broker.record.GetShardIterator;
import dev.millrace.broker.record.PutRecord;
import dev.millrace.broker.record.PutRecords;
import dev.millrace.broker.record.RecordEncryption;
import dev.millrace.broker.record.RecordLog;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardReader;
import dev.millrace.broker.record.ThrottledAppender;
import dev.millrace.broker.resource.DeleteResourcePolicy;
import dev.millrace.broker.resource.GetResourcePolicy;
import dev.millrace.broker.resource.ListTagsForResource;
import dev.millrace.broker.resource.PutResourcePolicy;
import dev.millrace.broker.resource.TagResource;
import dev.millrace.broker.resource.UntagResource;
import dev.millrace.broker.shard.ListShards;
import dev.millrace.broker.shard.MergeShards;
import dev.millrace.broker.shard.SplitShard;
import dev.millrace.broker.shard.UpdateShardCount;
import dev.millrace.broker.stream.AddTagsToStream;
import dev.millrace.broker.stream.CreateStream;
import dev.millrace.broker.stream.DecreaseStreamRetentionPeriod;
import dev.millrace.broker.stream.DeleteStream;
import dev.millrace.broker.stream.DescribeAccountSettings;
import dev.millrace.broker.stream.DescribeLimits;
import dev.millrace.broker.stream.DescribeStream;
import dev.millrace.broker.stream.DescribeStreamSummary;
import dev.millrace.broker.stream.DisableEnhancedMonitoring;
import dev.millrace.broker.stream.EnableEnhancedMonitoring;
import dev.millrace.broker.stream.IncreaseStreamRetentionPeriod;
import dev.millrace.broker.stream.ListStreams;
import dev.millrace.broker.stream.ListTagsForStream;
import dev.millrace.broker.stream.RemoveTagsFromStream;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.stream.UpdateAccountSettings;
import dev.millrace.broker.stream.UpdateMaxRecordSize;
import dev.millrace.broker.stream.UpdateStreamMode;
import dev.millrace.broker.stream.UpdateStreamRecordDistributionStrategy;
import dev.millrace.broker.stream.UpdateStreamWarmThroughput;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.RequestBudget;
import dev.millrace.shard.encryption.RecordCipher;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** All operations of the gateway by their targets. */
final class ApiActions {

    private static final String KINESIS = "Kinesis_20131202.";
    private static final String FIREHOSE = "Firehose_20150804.";
    private static final String OPERATOR = "Millrace_20261101.";

    private ApiActions() {}

    static Map<String, Action> of(
            Streams streams,
            ShardAppender appender,
            RecordLog log,
            BrokerHealth brokers,
            Queues queues,
            Channels channels,
            Answers answers,
            Traffic traffic,
            ShardLimits limits,
            RecordCipher cipher,
            InstantSource clock,
            RandomGenerator random) {
        Map<String, Action> actions = new HashMap<>();
        RecordEncryption encryption = new RecordEncryption(cipher);
        ShardReader reader = new ShardReader(streams, log, encryption, clock);
        ShardAppender throttled = new ThrottledAppender(appender, streams, traffic, limits);
        Receiving receiving = new Receiving(queues, reader);
        Settling settling = new Settling(queues);
        List<Action> kinesis =
                List.of(
                        new AcknowledgeDeadLetterQueueRecords(settling),
                        new AcknowledgeQueueRecords(settling),
                        new AddTagsToStream(streams),
                        new CreateChannel(channels, clock, random),
                        new CreateQueue(queues, reader, clock, random),
                        new CreateStream(streams, random),
                        new DecreaseStreamRetentionPeriod(streams),
                        new DeleteChannel(channels),
                        new DeleteQueue(queues),
                        new DeleteResourcePolicy(streams),
                        new DeleteStream(streams),
                        new DeregisterStreamConsumer(streams),
                        new DescribeAccountSettings(),
                        new DescribeChannel(channels),
                        new DescribeLimits(streams, channels.areOffered()),
                        new DescribeQueue(queues),
                        new DescribeStream(streams),
                        new DescribeStreamConsumer(streams),
                        new DescribeStreamSummary(streams),
                        new DisableEnhancedMonitoring(streams),
                        new EnableEnhancedMonitoring(streams),
                        new GetRecords(streams, reader, answers.budget(), limits, traffic, clock),
                        new GetResourcePolicy(streams),
                        new GetShardIterator(streams, reader, clock),
                        new IncreaseStreamRetentionPeriod(streams),
                        new ListChannels(channels, clock),
                        new ListQueues(queues, clock),
                        new ListShards(streams, clock),
                        new ListStreamConsumers(streams, clock),
                        new ListStreams(streams, clock),
                        new ListTagsForResource(streams),
                        new ListTagsForStream(streams),
                        new MergeShards(streams),
                        new PutRecord(streams, throttled, log, encryption, traffic),
                        new PutRecords(streams, throttled, encryption, traffic),
                        new PutResourcePolicy(streams),
                        new ReceiveDeadLetterQueueRecords(receiving),
                        new ReceiveQueueRecords(receiving),
                        new RegisterStreamConsumer(streams),
                        new RemoveTagsFromStream(streams),
                        new RestoreDeadLetterQueueRecords(settling),
                        new SplitShard(streams),
                        new StartStreamEncryption(streams, cipher),
                        new StopStreamEncryption(streams),
                        new SubscribeToShard(
                                streams,
                                reader,
                                answers.subscriptions(),
                                answers.budget(),
                                traffic,
                                clock),
                        new TagResource(streams),
                        new UntagResource(streams),
                        new UpdateAccountSettings(),
                        new UpdateChannel(channels, clock),
                        new UpdateDeadLetterQueueRecordsVisibility(settling),
                        new UpdateMaxRecordSize(streams),
                        new UpdateQueue(queues),
                        new UpdateQueueRecordsVisibility(settling),
                        new UpdateShardCount(streams),
                        new UpdateStreamMode(streams),
                        new UpdateStreamRecordDistributionStrategy(streams),
                        new UpdateStreamWarmThroughput(streams));
        List<Action> operator =
                List.of(
                        new ApplyStream(streams, random),
                        new DescribePool(streams, brokers),
                        new ListStreamStates(streams, brokers),
                        new RemoveStream(streams));
        Map<String, Action> byName = new HashMap<>();
        // An operation is named as its class is.
        kinesis.forEach(action -> byName.put(nameOf(action), action));
        Permissions permissions = new Permissions(streams);
        byName.forEach((name, action) ->
                actions.put(
                        KINESIS + name, new Authorized(action, "kinesis:" + name, permissions)));
        firehose(streams, appender, traffic, cipher, encryption, clock, random)
                .forEach(action ->
                        actions.put(
                                FIREHOSE + nameOf(action),
                                new Authorized(action, "firehose:" + nameOf(action), permissions)));
        operator.forEach(action ->
                actions.put(
                        OPERATOR + nameOf(action), new OperatorOnly(action, streams.account())));
        return actions;
    }

    private static List<Action> firehose(
            Streams streams,
            ShardAppender appender,
            Traffic traffic,
            RecordCipher cipher,
            RecordEncryption encryption,
            InstantSource clock,
            RandomGenerator random) {
        DeliveryStreams deliveryStreams = new DeliveryStreams(streams);
        return List.of(
                new CreateDeliveryStream(deliveryStreams, cipher, clock, random),
                new DeleteDeliveryStream(deliveryStreams),
                new DescribeDeliveryStream(deliveryStreams),
                new ListDeliveryStreams(deliveryStreams),
                new ListTagsForDeliveryStream(deliveryStreams),
                // Kinesis has one of the same name.
                new dev.millrace.broker.firehose.PutRecord(
                        deliveryStreams, appender, encryption, traffic),
                new PutRecordBatch(deliveryStreams, appender, encryption, traffic),
                new StartDeliveryStreamEncryption(deliveryStreams, cipher),
                new StopDeliveryStreamEncryption(deliveryStreams),
                new TagDeliveryStream(deliveryStreams),
                new UntagDeliveryStream(deliveryStreams),
                new UpdateDestination(deliveryStreams, clock));
    }

    /**
     * What readers share.
     *
     * @param budget the bytes of records that may be on their way to clients at once
     */
    record Answers(Subscriptions subscriptions, RequestBudget budget) {}

    private static String nameOf(Action action) {
        return action.getClass().getSimpleName();
    }
}
