/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.proof;

import com.google.common.util.concurrent.ListenableFuture;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * The Kinesis Producer Library with its own daemon, over TLS, aggregating; what comes out of the
 * stream is taken apart with KCL's own code. Arguments: the stream, the endpoint with TLS.
 */
public final class Kpl {

    private static final int RECORDS = 5_000;
    private static final int KEYS = 50;
    private static final int BURST = 100;

    private Kpl() {}

    /** Prints how many records KPL made of those that it was given. */
    public static void main(String[] args) throws Exception {
        String stream = args[0];
        URI tls = URI.create(args[1]);
        try (KinesisClient client = KinesisClient.create()) {
            client.createStream(c -> c.streamName(stream).shardCount(2));
            client.waiter().waitUntilStreamExists(d -> d.streamName(stream));
            put(stream, tls);
            List<Record> records = read(client, stream);
            List<KinesisClientRecord> single =
                    new AggregatorUtil()
                            .deaggregate(
                                    records.stream().map(KinesisClientRecord::fromRecord).toList());
            verify(single);
            Sdk.check(records.size() < RECORDS / 2, "KPL aggregated into " + records.size());
            System.out.println(
                    "KPL: %d records put, %d in the stream, each taken out of them once, with its key: %d"
                            .formatted(RECORDS, records.size(), single.size()));
            client.deleteStream(d -> d.streamName(stream));
        }
        System.exit(0);
    }

    private static void put(String stream, URI tls) throws Exception {
        KinesisProducerConfiguration configuration =
                new KinesisProducerConfiguration()
                        .setRegion("us-east-1")
                        .setKinesisEndpoint(tls.getHost())
                        .setKinesisPort(tls.getPort())
                        // There is none of the others here, and none is asked for metrics.
                        .setStsEndpoint(tls.getHost())
                        .setStsPort(tls.getPort())
                        .setCloudwatchEndpoint(tls.getHost())
                        .setCloudwatchPort(tls.getPort())
                        .setMetricsLevel("none")
                        .setVerifyCertificate(false)
                        .setAggregationEnabled(true)
                        .setRecordTtl(60_000)
                        .setCredentialsProvider(EnvironmentVariableCredentialsProvider.create());
        KinesisProducer producer = new KinesisProducer(configuration);
        List<ListenableFuture<UserRecordResult>> puts = new ArrayList<>();
        for (int number = 0; number < RECORDS; number++) {
            puts.add(
                    producer.addUserRecord(
                            stream,
                            "key-" + number % KEYS,
                            ByteBuffer.wrap(
                                    Integer.toString(number).getBytes(StandardCharsets.UTF_8))));
            if (number % BURST == 0) {
                // It aggregates what comes within its buffering time, once it knows the shards.
                producer.flush();
                Thread.sleep(50);
            }
        }
        producer.flushSync();
        for (ListenableFuture<UserRecordResult> put : puts) {
            Sdk.check(put.get(60, TimeUnit.SECONDS).isSuccessful(), "a record was not put");
        }
        producer.destroy();
    }

    private static List<Record> read(KinesisClient client, String stream) {
        List<Record> records = new ArrayList<>();
        for (Shard shard : client.listShards(l -> l.streamName(stream)).shards()) {
            String iterator =
                    client.getShardIterator(g ->
                                    g.streamName(stream)
                                            .shardId(shard.shardId())
                                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                            .shardIterator();
            while (iterator != null) {
                String at = iterator;
                GetRecordsResponse got = client.getRecords(g -> g.shardIterator(at));
                records.addAll(got.records());
                iterator =
                        got.records().isEmpty() && got.millisBehindLatest() == 0
                                ? null
                                : got.nextShardIterator();
            }
        }
        return records;
    }

    /** Each record once, with its key. */
    private static void verify(List<KinesisClientRecord> records) {
        Map<Integer, String> found = new TreeMap<>();
        for (KinesisClientRecord record : records) {
            int number = Integer.parseInt(StandardCharsets.UTF_8.decode(record.data()).toString());
            String before = found.put(number, record.partitionKey());
            Sdk.check(before == null, number + " is there twice");
        }
        Sdk.check(found.size() == RECORDS, "found " + found.size());
        Map<String, String> wrong = new HashMap<>();
        found.forEach((number, key) -> {
            if (!key.equals("key-" + number % KEYS)) {
                wrong.put(number.toString(), key);
            }
        });
        Sdk.check(wrong.isEmpty(), "other keys: " + wrong);
    }
}
