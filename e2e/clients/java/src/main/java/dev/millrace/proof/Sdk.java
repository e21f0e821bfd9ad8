/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.proof;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * The AWS SDK for Java v2, asynchronous, with Netty or with the CRT client: each operation once,
 * with what an application would look at. Arguments: the stream, {@code netty} or {@code crt}.
 */
public final class Sdk {

    private static final int RECORDS = 100;

    private final KinesisAsyncClient client;
    private final String stream;

    private Sdk(KinesisAsyncClient client, String stream) {
        this.client = client;
        this.stream = stream;
    }

    /** Prints the name of each operation that succeeded. */
    public static void main(String[] args) throws Exception {
        boolean crt = args[1].equals("crt");
        SdkAsyncHttpClient.Builder<?> http =
                crt ? AwsCrtAsyncHttpClient.builder() : NettyNioAsyncHttpClient.builder();
        try (KinesisAsyncClient client =
                KinesisAsyncClient.builder().httpClientBuilder(http).build()) {
            new Sdk(client, args[0]).proveAll();
        }
        System.exit(0);
    }

    private void proveAll() throws Exception {
        create();
        byte[] data = new byte[256];
        IntStream.range(0, data.length).forEach(i -> data[i] = (byte) i);
        PutRecordResponse put = put(data);
        List<Shard> shards =
                done("ListShards", client.listShards(l -> l.streamName(stream)).join()).shards();
        int all = 0;
        int ofShard = 0;
        for (Shard shard : shards) {
            int found = read(shard.shardId(), ShardIteratorType.TRIM_HORIZON, null).records.size();
            all += found;
            ofShard += shard.shardId().equals(put.shardId()) ? found : 0;
        }
        check(all == RECORDS + 1, "read " + all);
        Record first =
                read(put.shardId(), ShardIteratorType.AT_SEQUENCE_NUMBER, put.sequenceNumber())
                        .records
                        .getFirst();
        check(Arrays.equals(first.data().asByteArray(), data), "other bytes");
        check(first.partitionKey().equals("schlüssel-😀"), first.partitionKey());
        subscribe(put.shardId(), ofShard);
        reshard(shards.getFirst());
        settings();
        errors();
        done("DeleteStream", client.deleteStream(d -> d.streamName(stream)).join());
    }

    private void create() throws Exception {
        done("CreateStream", client.createStream(c -> c.streamName(stream).shardCount(2)).join());
        refused(
                ResourceInUseException.class,
                () -> client.createStream(c -> c.streamName(stream).shardCount(2)).join());
        done(
                "DescribeStream",
                client.waiter().waitUntilStreamExists(d -> d.streamName(stream)).join());
        settled(2);
    }

    private PutRecordResponse put(byte[] data) {
        PutRecordResponse put =
                done(
                        "PutRecord",
                        client.putRecord(p ->
                                        p.streamName(stream)
                                                .partitionKey("schlüssel-😀")
                                                .data(SdkBytes.fromByteArray(data)))
                                .join());
        List<PutRecordsRequestEntry> entries =
                IntStream.range(0, RECORDS)
                        .mapToObj(i ->
                                PutRecordsRequestEntry.builder()
                                        .partitionKey("key-" + i)
                                        .data(SdkBytes.fromUtf8String("value-" + i))
                                        .build())
                        .toList();
        check(
                done(
                                        "PutRecords",
                                        client.putRecords(
                                                        p -> p.streamName(stream).records(entries))
                                                .join())
                                .failedRecordCount()
                        == 0,
                "a put failed");
        return put;
    }

    private record Read(List<Record> records, List<ChildShard> children) {}

    private Read read(String shard, ShardIteratorType type, String sequenceNumber) {
        String iterator =
                done(
                                "GetShardIterator",
                                client.getShardIterator(g ->
                                                g.streamName(stream)
                                                        .shardId(shard)
                                                        .shardIteratorType(type)
                                                        .startingSequenceNumber(sequenceNumber))
                                        .join())
                        .shardIterator();
        List<Record> records = new ArrayList<>();
        while (true) {
            String at = iterator;
            GetRecordsResponse got =
                    done("GetRecords", client.getRecords(g -> g.shardIterator(at)).join());
            records.addAll(got.records());
            iterator = got.nextShardIterator();
            if (iterator == null || got.records().isEmpty() && got.millisBehindLatest() == 0) {
                return new Read(records, got.childShards());
            }
        }
    }

    private void subscribe(String shard, int expected) throws Exception {
        String arn = summary().streamARN();
        String consumer =
                done(
                                "RegisterStreamConsumer",
                                client.registerStreamConsumer(
                                                r -> r.streamARN(arn).consumerName("proof"))
                                        .join())
                        .consumer()
                        .consumerARN();
        until(() ->
                done(
                                "DescribeStreamConsumer",
                                client.describeStreamConsumer(d -> d.consumerARN(consumer)).join())
                        .consumerDescription()
                        .consumerStatusAsString()
                        .equals("ACTIVE"));
        AtomicInteger seen = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(1);
        var subscription =
                client.subscribeToShard(
                        s ->
                                s.consumerARN(consumer)
                                        .shardId(shard)
                                        .startingPosition(
                                                p -> p.type(ShardIteratorType.TRIM_HORIZON)),
                        SubscribeToShardResponseHandler.builder()
                                .subscriber(event -> {
                                    if (event instanceof SubscribeToShardEvent records
                                            && seen.addAndGet(records.records().size())
                                                    >= expected) {
                                        all.countDown();
                                    }
                                })
                                .build());
        check(all.await(60, TimeUnit.SECONDS), "the subscription gave " + seen);
        done("SubscribeToShard", subscription);
        subscription.cancel(true);
        done(
                "DeregisterStreamConsumer",
                client.deregisterStreamConsumer(d -> d.consumerARN(consumer)).join());
    }

    private void reshard(Shard shard) throws Exception {
        java.math.BigInteger middle =
                new java.math.BigInteger(shard.hashKeyRange().startingHashKey())
                        .add(new java.math.BigInteger(shard.hashKeyRange().endingHashKey()))
                        .shiftRight(1);
        done(
                "SplitShard",
                client.splitShard(s ->
                                s.streamName(stream)
                                        .shardToSplit(shard.shardId())
                                        .newStartingHashKey(middle.toString()))
                        .join());
        settled(3);
        List<ChildShard> children =
                read(shard.shardId(), ShardIteratorType.TRIM_HORIZON, null).children;
        check(children.size() == 2, "children " + children);
        done(
                "MergeShards",
                client.mergeShards(m ->
                                m.streamName(stream)
                                        .shardToMerge(children.get(0).shardId())
                                        .adjacentShardToMerge(children.get(1).shardId()))
                        .join());
        settled(2);
        done(
                "UpdateShardCount",
                client.updateShardCount(u ->
                                u.streamName(stream)
                                        .targetShardCount(4)
                                        .scalingType(ScalingType.UNIFORM_SCALING))
                        .join());
        settled(4);
    }

    private void settings() {
        done(
                "AddTagsToStream",
                client.addTagsToStream(a -> a.streamName(stream).tags(Map.of("team", "java")))
                        .join());
        check(
                done(
                                "ListTagsForStream",
                                client.listTagsForStream(l -> l.streamName(stream)).join())
                        .tags()
                        .getFirst()
                        .value()
                        .equals("java"),
                "another tag");
        done(
                "RemoveTagsFromStream",
                client.removeTagsFromStream(r -> r.streamName(stream).tagKeys("team")).join());
        done(
                "IncreaseStreamRetentionPeriod",
                client.increaseStreamRetentionPeriod(
                                i -> i.streamName(stream).retentionPeriodHours(8_760))
                        .join());
        check(summary().retentionPeriodHours() == 8_760, "another retention");
        done("DescribeLimits", client.describeLimits().join());
        AtomicInteger streams = new AtomicInteger();
        client.listStreamsPaginator(l -> l.limit(1))
                .streamNames()
                .subscribe(name -> {
                    if (name.equals(stream)) {
                        streams.incrementAndGet();
                    }
                })
                .join();
        check(done("ListStreams", streams).get() == 1, "the stream is not listed");
    }

    private void errors() {
        refused(
                ResourceNotFoundException.class,
                () -> client.describeStream(d -> d.streamName("nowhere")).join());
        refused(
                InvalidArgumentException.class,
                () -> client.getRecords(g -> g.shardIterator("AAAA")).join());
    }

    private StreamDescriptionSummary summary() {
        return done(
                        "DescribeStreamSummary",
                        client.describeStreamSummary(d -> d.streamName(stream)).join())
                .streamDescriptionSummary();
    }

    private void settled(int shards) throws Exception {
        until(() -> {
            StreamDescriptionSummary now = summary();
            return now.streamStatus() == StreamStatus.ACTIVE && now.openShardCount() == shards;
        });
    }

    private static void until(Supplier<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.get()) {
            check(System.nanoTime() < end, "not within a minute");
            Thread.sleep(100);
        }
    }

    private static <T> T done(String operation, T answer) {
        System.out.println(operation);
        return answer;
    }

    private static void refused(Class<? extends Exception> type, Supplier<?> call) {
        try {
            call.get();
        } catch (CompletionException e) {
            check(type.isInstance(e.getCause()), "not " + type + " but " + e.getCause());
            return;
        }
        throw new IllegalStateException("no " + type.getSimpleName());
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }
}
