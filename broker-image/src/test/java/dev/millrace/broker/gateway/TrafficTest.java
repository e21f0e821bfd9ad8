/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.firehose.model.Record;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.MetricsName;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamMode;

/** What goes through a gateway: its metrics, Kinesis's limits, and what on-demand streams do. */
@Timeout(120)
class TrafficTest {

    private static final String SHARD_0 = "shardId-000000000000";

    private final InMemoryGateway gateway = new InMemoryGateway();
    private final KinesisClient client = withoutRetries(gateway.port());

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    @Test
    void countsWhatWasPutAndReadByStream() {
        client.createStream(r -> r.streamName("orders").shardCount(1));
        client.putRecord(r ->
                r.streamName("orders").partitionKey("k").data(SdkBytes.fromUtf8String("four")));
        client.putRecords(r -> r.streamName("orders").records(records(3, 9, i -> "0")));
        client.getRecords(r -> r.shardIterator(iterator("orders")));

        assertThat(scrape())
                .contains("kinesis_incoming_records_total{stream_name=\"orders\"} 4.0")
                .contains("kinesis_incoming_bytes_total{stream_name=\"orders\"} 35.0")
                .contains("kinesis_putrecord_success_total{stream_name=\"orders\"} 1.0")
                .contains("kinesis_putrecords_total_records_total{stream_name=\"orders\"} 3.0")
                .contains("kinesis_getrecords_records_total{stream_name=\"orders\"} 4.0")
                .contains("kinesis_getrecords_bytes_total{stream_name=\"orders\"} 35.0")
                .contains("kinesis_getrecords_latency_seconds_count{stream_name=\"orders\"} 1")
                .contains(
                        "kinesis_getrecords_iterator_age_milliseconds{stream_name=\"orders\"} 0.0")
                .doesNotContain("shard_id");
    }

    @Test
    void countsWhatIsPutIntoDeliveryStreams() {
        try (FirehoseClient firehose = FirehoseApiContract.firehose(gateway.port())) {
            firehose.createDeliveryStream(r ->
                    r.deliveryStreamName("clicks")
                            .extendedS3DestinationConfiguration(s3 ->
                                    s3.bucketARN("arn:aws:s3:::lake")
                                            .roleARN("arn:aws:iam::000000000000:role/keys")));
            firehose.putRecord(r -> r.deliveryStreamName("clicks").record(text("four")));
            firehose.putRecordBatch(
                    r -> r.deliveryStreamName("clicks").records(text("one"), text("two")));
        }

        assertThat(scrape())
                .contains("kinesis_incoming_records_total{stream_name=\"firehose.clicks\"} 3.0")
                .contains("kinesis_incoming_bytes_total{stream_name=\"firehose.clicks\"} 10.0")
                .contains("kinesis_putrecord_success_total{stream_name=\"firehose.clicks\"} 1.0")
                .contains("kinesis_putrecords_success_total{stream_name=\"firehose.clicks\"} 1.0");
    }

    private static Record text(String data) {
        return Record.builder().data(SdkBytes.fromUtf8String(data)).build();
    }

    @Test
    void countsByShardWhereThatIsEnabled() {
        client.createStream(r -> r.streamName("orders").shardCount(2));
        client.enableEnhancedMonitoring(
                r -> r.streamName("orders").shardLevelMetrics(MetricsName.INCOMING_RECORDS));
        client.putRecords(r -> r.streamName("orders").records(records(5, 1, i -> "0")));

        assertThat(scrape())
                .contains(
                        "kinesis_shard_incoming_records_total{shard_id=\"shardId-000000000000\",stream_name=\"orders\"} 5.0")
                .doesNotContain("kinesis_shard_incoming_bytes");
    }

    @Test
    void keepsToKinesissLimitsWhereTheyAreChosen() throws Exception {
        apply("limited", "\"ShardCount\":2,\"Limits\":\"Kinesis\"");

        // 3 MiB into one shard at once, and a little into the other.
        int taken = 0;
        int throttled = 0;
        for (int i = 0; i < 3; i++) {
            PutRecordsResponse put =
                    client.putRecords(r ->
                            r.streamName("limited")
                                    .records(
                                            records(
                                                    100,
                                                    10_000,
                                                    n -> n == 99 ? hashKey(0.9) : "0")));
            for (var result : put.records()) {
                if (result.errorCode() == null) {
                    taken++;
                } else {
                    throttled++;
                    assertThat(result.errorCode())
                            .isEqualTo("ProvisionedThroughputExceededException");
                    assertThat(result.errorMessage())
                            .isEqualTo(
                                    "Rate exceeded for shard shardId-000000000000 in stream limited under account 000000000000.");
                }
            }
            assertThat(put.records().get(99).errorCode()).as("the other shard").isNull();
        }
        // A slow machine lets time pass, in which more is allowed.
        assertThat(taken).isGreaterThan(100);
        assertThat(throttled).isPositive();
        assertThat(scrape())
                .contains(
                        "kinesis_write_provisioned_throughput_exceeded_total{stream_name=\"limited\"} "
                                + throttled
                                + ".0");
        String iterator = iterator("limited");
        assertThatThrownBy(() ->
                        IntStream.range(0, 50)
                                .forEach(_ -> client.getRecords(r -> r.shardIterator(iterator))))
                .isInstanceOf(ProvisionedThroughputExceededException.class);
    }

    @Test
    void anOnDemandStreamIsSplitWhereItsLoadIs() throws Exception {
        apply(
                "busy",
                "\"ShardCount\":2,\"StreamMode\":\"ON_DEMAND\",\"OnDemand\":{\"MinShards\":2,\"MaxShards\":6,\"ShardKiBPerSecond\":1}");
        assertThat(open("busy")).hasSize(2);

        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2_500))
                .until(() -> {
                    // All of it in the first hundredth of the hash keys.
                    client.putRecords(r ->
                            r.streamName("busy")
                                    .records(records(400, 500, i -> hashKey(i / 40_000.0))));
                    gateway.advance(Duration.ofSeconds(11));
                    return open("busy").size() == 6;
                });

        List<Shard> shards = open("busy");
        long inTheHotPart =
                shards.stream()
                        .filter(shard ->
                                new BigInteger(shard.hashKeyRange().startingHashKey())
                                                .compareTo(new BigInteger(hashKey(0.011)))
                                        < 0)
                        .count();
        assertThat(inTheHotPart).isGreaterThanOrEqualTo(5);
        assertThat(
                        client.describeStreamSummary(r -> r.streamName("busy"))
                                .streamDescriptionSummary()
                                .streamModeDetails()
                                .streamMode())
                .isEqualTo(StreamMode.ON_DEMAND);
        assertThat(states()).contains("of what a shard is meant to take");
    }

    private static KinesisClient withoutRetries(int port) {
        return KinesisClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        KinesisApiContract.ACCESS_KEY, KinesisApiContract.SECRET)))
                .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }

    private String states() throws Exception {
        return new SignedPost(gateway.port())
                .control(InMemoryGateway.OPERATOR, "ListStreamStates", "{}")
                .body()
                .toString();
    }

    private void apply(String stream, String fields) throws Exception {
        SignedPost.Reply reply =
                new SignedPost(gateway.port())
                        .control(
                                InMemoryGateway.OPERATOR,
                                "ApplyStream",
                                "{\"StreamName\":\"%s\",\"OwnerUid\":\"u\",%s}"
                                        .formatted(stream, fields));
        assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    }

    private List<Shard> open(String stream) {
        return client.listShards(r ->
                        r.streamName(stream).shardFilter(f -> f.type(ShardFilterType.AT_LATEST)))
                .shards();
    }

    private String iterator(String stream) {
        return client.getShardIterator(r ->
                        r.streamName(stream)
                                .shardId(SHARD_0)
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
    }

    private interface KeyOf {
        String keyOf(int index);
    }

    private static List<PutRecordsRequestEntry> records(int count, int bytes, KeyOf keys) {
        List<PutRecordsRequestEntry> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(
                    PutRecordsRequestEntry.builder()
                            .partitionKey("k")
                            .explicitHashKey(keys.keyOf(i))
                            .data(SdkBytes.fromByteArray(new byte[bytes]))
                            .build());
        }
        return records;
    }

    /** The hash key at a part of the space. */
    private static String hashKey(double part) {
        return BigInteger.valueOf((long) (part * Integer.MAX_VALUE)).shiftLeft(97).toString();
    }

    private String scrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.getPrometheusRegistry().register(gateway.streamMetrics());
        return registry.scrape();
    }
}
