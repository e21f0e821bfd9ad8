/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.kcl;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.KinesisClientUtil;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/** A KCL 3 worker as an application would write it: prints each record, then checkpoints. */
public final class Worker {

    private Worker() {}

    /** Arguments: the stream, the worker's name, DynamoDB's endpoint, {@code polling} or {@code fanout}. */
    public static void main(String[] args) {
        String stream = args[0];
        String mode = args[3];
        KinesisAsyncClient kinesis =
                KinesisClientUtil.createKinesisAsyncClient(KinesisAsyncClient.builder());
        DynamoDbAsyncClient dynamo =
                DynamoDbAsyncClient.builder().endpointOverride(URI.create(args[2])).build();
        ConfigsBuilder configs =
                new ConfigsBuilder(
                        new SingleStreamTracker(
                                stream,
                                InitialPositionInStreamExtended.newInitialPosition(
                                        InitialPositionInStream.TRIM_HORIZON)),
                        "app-" + mode,
                        kinesis,
                        dynamo,
                        CloudWatchAsyncClient.builder().build(),
                        args[1],
                        Printing::new);
        var retrieval = configs.retrievalConfig();
        if (mode.equals("polling")) {
            retrieval.retrievalSpecificConfig(
                    new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(250));
        }
        new Scheduler(
                        configs.checkpointConfig(),
                        configs.coordinatorConfig()
                                .shardConsumerDispatchPollIntervalMillis(200)
                                .parentShardPollIntervalMillis(500),
                        configs.leaseManagementConfig()
                                .failoverTimeMillis(3_000)
                                .shardSyncIntervalMillis(2_000),
                        configs.lifecycleConfig(),
                        configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
                        configs.processorConfig(),
                        retrieval)
                .run();
    }

    private static final class Printing implements ShardRecordProcessor {
        private String shard = "";

        @Override
        public void initialize(InitializationInput input) {
            shard = input.shardId();
        }

        @Override
        public void processRecords(ProcessRecordsInput input) {
            StringBuilder lines = new StringBuilder();
            input.records()
                    .forEach(record ->
                            lines.append(shard)
                                    .append(' ')
                                    .append(StandardCharsets.UTF_8.decode(record.data()))
                                    .append('\n'));
            System.out.print(lines);
            System.out.flush();
            try {
                input.checkpointer().checkpoint();
            } catch (InvalidStateException | ShutdownException e) {
                System.err.println("No checkpoint: " + e);
            }
        }

        @Override
        public void leaseLost(LeaseLostInput input) {}

        @Override
        public void shardEnded(ShardEndedInput input) {
            try {
                input.checkpointer().checkpoint();
            } catch (InvalidStateException | ShutdownException e) {
                System.err.println("No checkpoint: " + e);
            }
        }

        @Override
        public void shutdownRequested(ShutdownRequestedInput input) {}
    }
}
