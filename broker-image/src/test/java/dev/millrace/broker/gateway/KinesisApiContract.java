/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.shard.HashKey;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.KmsNotFoundException;
import software.amazon.awssdk.services.kinesis.model.MetricsName;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescription;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamMode;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.Tag;
import software.amazon.awssdk.services.kinesis.model.ValidationException;

/** What an unmodified AWS SDK sees of the gateway, whatever stands behind it. */
@Timeout(120)
abstract class KinesisApiContract {

    static final String ACCESS_KEY = "AKIDTEST";
    static final String SECRET = "a-secret";
    static final String ENCRYPTION_KEY = "test-key";

    abstract KinesisClient client();

    /** Moves the gateway's clock, if that can be done. */
    abstract boolean advance(Duration time);

    static KinesisClient client(int port) {
        return KinesisClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(ACCESS_KEY, SECRET)))
                .build();
    }

    @Test
    void describesWhatItCreated() {
        String stream = create(3);

        StreamDescription description =
                client().describeStream(r -> r.streamName(stream)).streamDescription();
        StreamDescriptionSummary summary =
                client().describeStreamSummary(r -> r.streamARN(description.streamARN()))
                        .streamDescriptionSummary();

        assertThat(description.streamName()).isEqualTo(stream);
        assertThat(description.streamARN())
                .isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/" + stream);
        assertThat(description.streamStatus()).isEqualTo(StreamStatus.ACTIVE);
        assertThat(description.retentionPeriodHours()).isEqualTo(24);
        assertThat(description.hasMoreShards()).isFalse();
        assertThat(description.shards())
                .extracting(Shard::shardId)
                .containsExactly(
                        "shardId-000000000000", "shardId-000000000001", "shardId-000000000002");
        assertThat(description.shards().getFirst().hashKeyRange().startingHashKey()).isEqualTo("0");
        assertThat(description.shards().getLast().hashKeyRange().endingHashKey())
                .isEqualTo("340282366920938463463374607431768211455");
        assertThat(summary.openShardCount()).isEqualTo(3);
        assertThat(summary.streamCreationTimestamp())
                .isEqualTo(description.streamCreationTimestamp());
    }

    @Test
    void encryptsFromStartToStop() {
        String stream = create(1);
        put(stream, "k", "plain");
        client().startStreamEncryption(r ->
                r.streamName(stream).encryptionType("KMS").keyId("alias/" + ENCRYPTION_KEY));
        StreamDescription description =
                client().describeStream(r -> r.streamName(stream)).streamDescription();
        assertThat(description.encryptionTypeAsString()).isEqualTo("KMS");
        assertThat(description.keyId()).isEqualTo("alias/" + ENCRYPTION_KEY);

        PutRecordResponse put = put(stream, "k", "secret");
        PutRecordsResponse more =
                client().putRecords(r -> r.streamName(stream).records(entry("k", "secret too")));
        client().stopStreamEncryption(r ->
                r.streamName(stream).encryptionType("KMS").keyId("alias/" + ENCRYPTION_KEY));
        assertThat(put(stream, "k", "plain again").encryptionTypeAsString()).isEqualTo("NONE");

        assertThat(put.encryptionTypeAsString()).isEqualTo("KMS");
        assertThat(more.encryptionTypeAsString()).isEqualTo("KMS");
        GetRecordsResponse got = read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        assertThat(values(got)).containsExactly("plain", "secret", "secret too", "plain again");
        assertThat(got.records())
                .extracting(Record::encryptionTypeAsString)
                .containsExactly(null, "KMS", "KMS", null);
    }

    @Test
    void refusesKeysThatAreNotThere() {
        String stream = create(1);
        assertThatThrownBy(() ->
                        client().startStreamEncryption(r ->
                                r.streamName(stream).encryptionType("KMS").keyId("alias/none")))
                .isInstanceOf(KmsNotFoundException.class)
                .hasMessageContaining("Encryption key none is not there");
        assertThatThrownBy(() ->
                        client().startStreamEncryption(r ->
                                r.streamName(stream).encryptionType("NONE").keyId(ENCRYPTION_KEY)))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @Test
    void pagesThroughShards() {
        String stream = create(5);

        StreamDescription first =
                client().describeStream(r -> r.streamName(stream).limit(2)).streamDescription();
        assertThat(first.hasMoreShards()).isTrue();
        assertThat(first.shards()).hasSize(2);

        List<String> listed = new ArrayList<>();
        String token = null;
        do {
            String next = token;
            var page =
                    next == null
                            ? client().listShards(r -> r.streamName(stream).maxResults(2))
                            : client().listShards(r -> r.nextToken(next).maxResults(2));
            page.shards().forEach(shard -> listed.add(shard.shardId()));
            token = page.nextToken();
        } while (token != null);
        assertThat(listed).hasSize(5).isSorted();
    }

    @Test
    void tagsAResourceByItsArn() {
        String stream = create(1);
        String arn = arnOf(stream);

        client().tagResource(r -> r.resourceARN(arn).tags(Map.of("team", "red", "cost", "1")));
        client().untagResource(r -> r.resourceARN(arn).tagKeys("cost", "none"));

        assertThat(client().listTagsForResource(r -> r.resourceARN(arn)).tags())
                .containsExactly(Tag.builder().key("team").value("red").build());
        assertThat(client().listTagsForStream(r -> r.streamName(stream)).tags())
                .containsExactly(Tag.builder().key("team").value("red").build());
        assertThatThrownBy(() -> client().listTagsForResource(r -> r.resourceARN(arn + "-none")))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void keepsThePolicyOfAStream() {
        String arn = arnOf(create(1));
        String policy =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                        + "{\"AWS\":\"000000000000\"},\"Action\":\"kinesis:*\",\"Resource\":\"*\"}]}";

        client().putResourcePolicy(r -> r.resourceARN(arn).policy(policy));
        assertThat(client().getResourcePolicy(r -> r.resourceARN(arn)).policy()).isEqualTo(policy);

        client().deleteResourcePolicy(r -> r.resourceARN(arn));
        assertThatThrownBy(() -> client().getResourcePolicy(r -> r.resourceARN(arn)))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void switchesShardLevelMetricsOnAndOff() {
        String stream = create(1);

        var on =
                client().enableEnhancedMonitoring(r ->
                        r.streamName(stream)
                                .shardLevelMetrics(
                                        MetricsName.INCOMING_BYTES, MetricsName.OUTGOING_BYTES));
        var off =
                client().disableEnhancedMonitoring(r ->
                        r.streamName(stream).shardLevelMetrics(MetricsName.INCOMING_BYTES));

        assertThat(on.currentShardLevelMetrics()).isEmpty();
        assertThat(on.desiredShardLevelMetrics())
                .containsExactlyInAnyOrder(MetricsName.INCOMING_BYTES, MetricsName.OUTGOING_BYTES);
        assertThat(off.desiredShardLevelMetrics()).containsExactly(MetricsName.OUTGOING_BYTES);
        assertThat(
                        client().describeStream(r -> r.streamName(stream))
                                .streamDescription()
                                .enhancedMonitoring()
                                .getFirst()
                                .shardLevelMetrics())
                .containsExactly(MetricsName.OUTGOING_BYTES);
    }

    @Test
    void anOnDemandStreamIsNotReshardedByHand() {
        String stream = "orders-" + UUID.randomUUID();
        client().createStream(r ->
                r.streamName(stream).streamModeDetails(m -> m.streamMode(StreamMode.ON_DEMAND)));
        awaitActive(stream);
        assertThat(shards(stream)).hasSize(4);

        assertThatThrownBy(() -> updateShardCount(stream, 5))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("ON_DEMAND mode");

        client().updateStreamMode(r ->
                r.streamARN(arnOf(stream))
                        .streamModeDetails(m -> m.streamMode(StreamMode.PROVISIONED)));
        updateShardCount(stream, 5);
        awaitActive(stream);
        assertThat(
                        client().describeStreamSummary(r -> r.streamName(stream))
                                .streamDescriptionSummary()
                                .openShardCount())
                .isEqualTo(5);
    }

    @Test
    void takesTenMebibytesOnceThatIsAllowed() {
        String stream = create(1);
        SdkBytes large = SdkBytes.fromByteArray(new byte[10 * 1024 * 1024 - 1]);
        assertThatThrownBy(() ->
                        client().putRecord(r -> r.streamName(stream).partitionKey("a").data(large)))
                .isInstanceOf(KinesisException.class)
                .hasMessageContaining("Member must have length less than or equal to 1048576");

        client().updateMaxRecordSize(r -> r.streamARN(arnOf(stream)).maxRecordSizeInKiB(10 * 1024));
        client().putRecord(r -> r.streamName(stream).partitionKey("a").data(large));

        GetRecordsResponse got = read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        assertThat(got.records().getFirst().data().asByteArrayUnsafe())
                .hasSize(10 * 1024 * 1024 - 1);
    }

    @Test
    void givesTenMebibytesAtOnceAtMost() {
        String stream = create(1);
        int size = 1_000_000;
        for (int request = 0; request < 3; request++) {
            List<PutRecordsRequestEntry> entries = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                byte[] data = new byte[size];
                data[0] = (byte) (request * 4 + i);
                entries.add(
                        PutRecordsRequestEntry.builder()
                                .partitionKey("k")
                                .data(SdkBytes.fromByteArrayUnsafe(data))
                                .build());
            }
            assertThat(
                            client().putRecords(r -> r.streamName(stream).records(entries))
                                    .failedRecordCount())
                    .isZero();
        }

        GetRecordsResponse first = read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        GetRecordsResponse rest = read(first.nextShardIterator());
        String start = iterator(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        GetRecordsResponse limited = client().getRecords(r -> r.shardIterator(start).limit(3));

        assertThat(firstBytes(first)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(first.records()).allSatisfy(r -> assertThat(sizeOf(r)).isEqualTo(size));
        assertThat(firstBytes(rest)).containsExactly(10, 11);
        assertThat(read(rest.nextShardIterator()).records()).isEmpty();
        assertThat(firstBytes(limited)).containsExactly(0, 1, 2);
        assertThat(firstBytes(read(limited.nextShardIterator())).getFirst()).isEqualTo(3);
        assertThat(first.records())
                .extracting(Record::sequenceNumber)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    private static List<Integer> firstBytes(GetRecordsResponse got) {
        return got.records().stream().map(r -> (int) r.data().asByteArrayUnsafe()[0]).toList();
    }

    private static int sizeOf(Record record) {
        return record.data().asByteArrayUnsafe().length;
    }

    @Test
    void givesBackPartitionKeysAsTheyCame() {
        String stream = create(1);
        List<String> keys =
                List.of("a\"b\\c", "tab\tand\u0001", "\u00e9\u20ac\ud83d\ude00", "\u007f", "/ ~");
        keys.forEach(key -> put(stream, key, "x"));

        assertThat(read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON).records())
                .extracting(Record::partitionKey)
                .containsExactlyElementsOf(keys);
    }

    @Test
    void tellsTheLimitsOfTheAccount() {
        create(2);

        var limits = client().describeLimits();

        assertThat(limits.openShardCount()).isGreaterThanOrEqualTo(2);
        assertThat(limits.shardLimit()).isGreaterThan(limits.openShardCount());
        assertThat(limits.onDemandStreamCountLimit()).isGreaterThan(limits.onDemandStreamCount());
    }

    @Test
    void listsStreamsByNamePageByPage() {
        List<String> made = List.of(create(1), create(1), create(1));

        List<String> listed = new ArrayList<>();
        client().listStreamsPaginator(r -> r.limit(1))
                .forEach(page -> listed.addAll(page.streamNames()));

        assertThat(listed).containsAll(made).isSorted().doesNotHaveDuplicates();
        assertThat(client().listStreams().streamSummaries())
                .filteredOn(summary -> made.contains(summary.streamName()))
                .allSatisfy(summary ->
                        assertThat(summary.streamStatus()).isEqualTo(StreamStatus.ACTIVE));
    }

    @Test
    void aPutIsVisibleAtOnceAsItWas() {
        String stream = create(1);
        Instant before = Instant.now().minusSeconds(5);
        byte[] data = {0, 1, 2, (byte) 0xFF};

        PutRecordResponse put =
                client().putRecord(r ->
                        r.streamName(stream)
                                .partitionKey("schlüssel")
                                .data(SdkBytes.fromByteArray(data)));
        GetRecordsResponse got = read(stream, put.shardId(), ShardIteratorType.TRIM_HORIZON);

        assertThat(got.records()).hasSize(1);
        Record record = got.records().getFirst();
        assertThat(record.data().asByteArray()).isEqualTo(data);
        assertThat(record.partitionKey()).isEqualTo("schlüssel");
        assertThat(record.sequenceNumber()).isEqualTo(put.sequenceNumber()).hasSize(56);
        assertThat(record.approximateArrivalTimestamp()).isAfter(before);
        assertThat(got.millisBehindLatest()).isZero();
        assertThat(got.nextShardIterator()).isNotNull();
    }

    @Test
    void putRecordsAnswersInTheOrderOfTheRequest() {
        String stream = create(4);
        List<PutRecordsRequestEntry> entries =
                IntStream.range(0, 500).mapToObj(i -> entry("key-" + i, "value-" + i)).toList();

        PutRecordsResponse put = client().putRecords(r -> r.streamName(stream).records(entries));

        assertThat(put.failedRecordCount()).isZero();
        assertThat(put.records()).hasSize(500);
        for (int i = 0; i < 500; i++) {
            BigInteger key = HashKey.ofPartitionKey("key-" + i).toBigInteger();
            int shard = key.shiftRight(126).intValue();
            assertThat(put.records().get(i).shardId()).isEqualTo("shardId-00000000000" + shard);
        }
        Set<String> values = new HashSet<>();
        for (int shard = 0; shard < 4; shard++) {
            GetRecordsResponse got =
                    read(stream, "shardId-00000000000" + shard, ShardIteratorType.TRIM_HORIZON);
            assertThat(got.records()).extracting(Record::sequenceNumber).isSorted();
            got.records().forEach(record -> values.add(record.data().asUtf8String()));
        }
        assertThat(values).hasSize(500);
    }

    @Test
    void explicitHashKeysDecideTheShard() {
        String stream = create(2);

        assertThat(
                        client().putRecord(r ->
                                        r.streamName(stream)
                                                .partitionKey("k")
                                                .explicitHashKey(HashKey.MAX.toString())
                                                .data(SdkBytes.fromUtf8String("x")))
                                .shardId())
                .isEqualTo("shardId-000000000001");
        assertThatThrownBy(() ->
                        client().putRecord(r ->
                                r.streamName(stream)
                                        .partitionKey("k")
                                        .explicitHashKey("340282366920938463463374607431768211456")
                                        .data(SdkBytes.fromUtf8String("x"))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("ExplicitHashKey must be in the range: [0, 2^128-1]");
    }

    @Test
    void allFiveIteratorTypesFindTheirPlace() {
        String stream = create(1);
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            numbers.add(put(stream, "k", "v" + i).sequenceNumber());
        }
        Instant second =
                read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON)
                        .records()
                        .get(1)
                        .approximateArrivalTimestamp();

        assertThat(
                        values(
                                read(
                                        iterator(
                                                stream,
                                                ShardIteratorType.AT_SEQUENCE_NUMBER,
                                                numbers.get(1)))))
                .containsExactly("v1", "v2");
        assertThat(
                        values(
                                read(
                                        iterator(
                                                stream,
                                                ShardIteratorType.AFTER_SEQUENCE_NUMBER,
                                                numbers.get(1)))))
                .containsExactly("v2");
        assertThat(values(read(stream, SHARD_0, ShardIteratorType.LATEST))).isEmpty();
        assertThat(
                        values(
                                read(
                                        client().getShardIterator(r ->
                                                        r.streamName(stream)
                                                                .shardId(SHARD_0)
                                                                .shardIteratorType(
                                                                        ShardIteratorType
                                                                                .AT_TIMESTAMP)
                                                                .timestamp(second))
                                                .shardIterator())))
                .contains("v1", "v2");

        String latest = iterator(stream, SHARD_0, ShardIteratorType.LATEST);
        put(stream, "k", "new");
        assertThat(values(read(latest))).containsExactly("new");
    }

    @Test
    void readsOnWithALimit() {
        String stream = create(1);
        for (int i = 0; i < 7; i++) {
            put(stream, "k", "v" + i);
        }
        List<String> seen = new ArrayList<>();
        String iterator = iterator(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        for (int i = 0; i < 4; i++) {
            String place = iterator;
            GetRecordsResponse got = client().getRecords(r -> r.shardIterator(place).limit(2));
            seen.addAll(values(got));
            iterator = got.nextShardIterator();
        }
        assertThat(seen).containsExactly("v0", "v1", "v2", "v3", "v4", "v5", "v6");
    }

    @Test
    void aSplitClosesTheParentAndNamesItsChildren() {
        String stream = create(1);
        put(stream, "k", "before");

        client().splitShard(r ->
                r.streamName(stream)
                        .shardToSplit(SHARD_0)
                        .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));
        awaitActive(stream);
        PutRecordResponse after = put(stream, "k", "after");

        List<Shard> shards = client().listShards(r -> r.streamName(stream)).shards();
        assertThat(shards).hasSize(3);
        assertThat(shards.getFirst().sequenceNumberRange().endingSequenceNumber()).isNotNull();
        assertThat(shards.subList(1, 3))
                .allSatisfy(child -> {
                    assertThat(child.parentShardId()).isEqualTo(SHARD_0);
                    assertThat(child.sequenceNumberRange().endingSequenceNumber()).isNull();
                });
        assertThat(after.shardId()).isNotEqualTo(SHARD_0);
        GetRecordsResponse end = read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        assertThat(values(end)).containsExactly("before");
        assertThat(end.nextShardIterator()).isNull();
        assertThat(end.childShards())
                .extracting(child -> child.shardId())
                .containsExactly("shardId-000000000001", "shardId-000000000002");
        assertThat(values(read(stream, after.shardId(), ShardIteratorType.TRIM_HORIZON)))
                .containsExactly("after");
        assertThat(
                        client().listShards(r ->
                                        r.streamName(stream)
                                                .shardFilter(
                                                        f -> f.type(ShardFilterType.AT_LATEST)))
                                .shards())
                .hasSize(2);
    }

    @Test
    void mergesAdjacentShardsOnly() {
        String stream = create(3);

        assertThatThrownBy(() ->
                        client().mergeShards(r ->
                                r.streamName(stream)
                                        .shardToMerge(SHARD_0)
                                        .adjacentShardToMerge("shardId-000000000002")))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("are not an adjacent pair of shards eligible for merging");
        client().mergeShards(r ->
                r.streamName(stream)
                        .shardToMerge(SHARD_0)
                        .adjacentShardToMerge("shardId-000000000001"));
        awaitActive(stream);

        Shard merged = client().listShards(r -> r.streamName(stream)).shards().getLast();
        assertThat(merged.parentShardId()).isEqualTo(SHARD_0);
        assertThat(merged.adjacentParentShardId()).isEqualTo("shardId-000000000001");
    }

    @Test
    void updateShardCountReshardsUniformly() {
        String stream = create(2);

        var answer =
                client().updateShardCount(r ->
                        r.streamName(stream)
                                .targetShardCount(4)
                                .scalingType(ScalingType.UNIFORM_SCALING));
        awaitActive(stream);

        assertThat(answer.currentShardCount()).isEqualTo(2);
        assertThat(answer.targetShardCount()).isEqualTo(4);
        assertThat(
                        client().describeStreamSummary(r -> r.streamName(stream))
                                .streamDescriptionSummary()
                                .openShardCount())
                .isEqualTo(4);
    }

    @Test
    void changesRetentionInOneDirectionEach() {
        String stream = create(1);

        client().increaseStreamRetentionPeriod(r -> r.streamName(stream).retentionPeriodHours(48));
        assertThat(retention(stream)).isEqualTo(48);
        assertThatThrownBy(() ->
                        client().increaseStreamRetentionPeriod(
                                        r -> r.streamName(stream).retentionPeriodHours(36)))
                .isInstanceOf(InvalidArgumentException.class);
        client().decreaseStreamRetentionPeriod(r -> r.streamName(stream).retentionPeriodHours(24));
        assertThat(retention(stream)).isEqualTo(24);
        assertThatThrownBy(() ->
                        client().decreaseStreamRetentionPeriod(
                                        r -> r.streamName(stream).retentionPeriodHours(23)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Minimum allowed retention period is 24 hours.");
    }

    @Test
    void keepsTags() {
        String stream = create(1);

        client().addTagsToStream(r -> r.streamName(stream).tags(Map.of("team", "a", "tier", "1")));
        client().removeTagsFromStream(r -> r.streamName(stream).tagKeys("tier"));

        assertThat(client().listTagsForStream(r -> r.streamName(stream)).tags())
                .containsExactly(Tag.builder().key("team").value("a").build());
    }

    @Test
    void deletesAStream() {
        String stream = create(1);

        client().deleteStream(r -> r.streamName(stream));

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThatThrownBy(() -> client().describeStream(r -> r.streamName(stream)))
                                .isInstanceOf(ResourceNotFoundException.class));
    }

    @Test
    void refusesAStreamThatIsThereAlready() {
        String stream = create(1);

        assertThatThrownBy(() -> client().createStream(r -> r.streamName(stream).shardCount(1)))
                .isInstanceOf(ResourceInUseException.class);
    }

    @Test
    void saysWhichStreamIsUnknown() {
        assertThatThrownBy(() -> put("nowhere", "k", "v"))
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("Stream nowhere under account 000000000000 not found.");
        assertThatThrownBy(() ->
                        client().putRecords(r -> r.streamName("nowhere").records(entry("k", "v"))))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() -> iterator("nowhere", SHARD_0, ShardIteratorType.LATEST))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void refusesWhatIsTooLargeInAmazonsWords() {
        String stream = create(1);
        SdkBytes tooLarge = SdkBytes.fromByteArray(new byte[1024 * 1024 + 1]);

        assertValidation(
                () ->
                        client().putRecord(
                                        r -> r.streamName(stream).partitionKey("k").data(tooLarge)),
                "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577"
                        + " cap=1048577]' at 'data' failed to satisfy constraint: Member must have"
                        + " length less than or equal to 1048576");
        assertValidation(
                () ->
                        client().putRecords(r ->
                                r.streamName(stream)
                                        .records(
                                                IntStream.range(0, 501)
                                                        .mapToObj(i -> entry("k", "v"))
                                                        .toList())),
                "failed to satisfy constraint: Member must have length less than or equal to 500");
        assertValidation(
                () -> client().createStream(r -> r.streamName("bad name").shardCount(0)),
                "2 validation errors detected: Value 'bad name' at 'streamName' failed to satisfy"
                        + " constraint: Member must satisfy regular expression pattern:"
                        + " [a-zA-Z0-9_.-]+; Value '0' at 'shardCount' failed to satisfy"
                        + " constraint: Member must have value greater than or equal to 1");
        assertValidation(
                () -> client().getRecords(r -> r.shardIterator("x").limit(10_001)),
                "Value '10001' at 'limit' failed to satisfy constraint: Member must have value"
                        + " less than or equal to 10000");
        assertThat(put(stream, "k", "still works").shardId()).isEqualTo(SHARD_0);
    }

    @Test
    void takesARecordOfOneMebibyteWithItsKey() {
        String stream = create(1);
        SdkBytes largest = SdkBytes.fromByteArray(new byte[1024 * 1024 - 1]);

        client().putRecord(r -> r.streamName(stream).partitionKey("k").data(largest));

        assertThat(
                        read(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON)
                                .records()
                                .getFirst()
                                .data())
                .isEqualTo(largest);
    }

    @Test
    void refusesIteratorsThatItDidNotGive() {
        assertThatThrownBy(() -> read("AAAAAAAAAAE="))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Invalid ShardIterator.");
    }

    @Test
    void refusesIteratorsThatAreTooOld() {
        String stream = create(1);
        String iterator = iterator(stream, SHARD_0, ShardIteratorType.TRIM_HORIZON);
        if (!advance(Duration.ofMinutes(5).plusSeconds(1))) {
            return;
        }
        assertThatThrownBy(() -> read(iterator))
                .isInstanceOf(ExpiredIteratorException.class)
                .hasMessageContaining("Iterator expired. The iterator was created at time ");
    }

    @Test
    void refusesSequenceNumbersOfOtherShardsAndOfTheFuture() {
        String stream = create(2);
        PutRecordResponse put =
                client().putRecord(r ->
                        r.streamName(stream)
                                .partitionKey("k")
                                .explicitHashKey("0")
                                .data(SdkBytes.fromUtf8String("v")));
        String future =
                new BigInteger(put.sequenceNumber())
                        .add(BigInteger.valueOf(1_000).shiftLeft(80))
                        .toString();

        assertThatThrownBy(() ->
                        client().getShardIterator(r ->
                                r.streamName(stream)
                                        .shardId("shardId-000000000001")
                                        .shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)
                                        .startingSequenceNumber(put.sequenceNumber())))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("It encodes shardId-000000000000, while it was used in");
        assertThatThrownBy(() -> iterator(stream, ShardIteratorType.AT_SEQUENCE_NUMBER, future))
                .isInstanceOf(InvalidArgumentException.class);
        assertThatThrownBy(() -> iterator(stream, ShardIteratorType.AT_SEQUENCE_NUMBER, "7"))
                .isInstanceOf(InvalidArgumentException.class);
        assertThatThrownBy(() ->
                        client().putRecord(r ->
                                r.streamName(stream)
                                        .partitionKey("k")
                                        .explicitHashKey("0")
                                        .sequenceNumberForOrdering(future)
                                        .data(SdkBytes.fromUtf8String("v"))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("ExclusiveMinimumSequenceNumber");
        client().putRecord(r ->
                r.streamName(stream)
                        .partitionKey("k")
                        .explicitHashKey("0")
                        .sequenceNumberForOrdering(put.sequenceNumber())
                        .data(SdkBytes.fromUtf8String("v")));
    }

    static final String SHARD_0 = "shardId-000000000000";

    private static void assertValidation(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KinesisException.class,
                        e -> {
                            assertThat(((AwsServiceException) e).awsErrorDetails().errorCode())
                                    .isEqualTo("ValidationException");
                            assertThat(e.statusCode()).isEqualTo(400);
                        })
                .hasMessageContaining(message);
    }

    final String create(int shards) {
        String name = "orders-" + UUID.randomUUID();
        client().createStream(r -> r.streamName(name).shardCount(shards));
        awaitActive(name);
        return name;
    }

    private void awaitActive(String stream) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() ->
                        client().describeStreamSummary(r -> r.streamName(stream))
                                        .streamDescriptionSummary()
                                        .streamStatus()
                                == StreamStatus.ACTIVE);
    }

    private String arnOf(String stream) {
        return client().describeStreamSummary(r -> r.streamName(stream))
                .streamDescriptionSummary()
                .streamARN();
    }

    private void updateShardCount(String stream, int target) {
        client().updateShardCount(r ->
                r.streamName(stream)
                        .targetShardCount(target)
                        .scalingType(ScalingType.UNIFORM_SCALING));
    }

    private List<Shard> shards(String stream) {
        return client().listShards(r -> r.streamName(stream)).shards();
    }

    final PutRecordResponse put(String stream, String key, String value) {
        return client().putRecord(r ->
                r.streamName(stream).partitionKey(key).data(SdkBytes.fromUtf8String(value)));
    }

    private static PutRecordsRequestEntry entry(String key, String value) {
        return PutRecordsRequestEntry.builder()
                .partitionKey(key)
                .data(SdkBytes.fromUtf8String(value))
                .build();
    }

    private int retention(String stream) {
        return client().describeStreamSummary(r -> r.streamName(stream))
                .streamDescriptionSummary()
                .retentionPeriodHours();
    }

    final String iterator(String stream, String shard, ShardIteratorType type) {
        return client().getShardIterator(
                        r -> r.streamName(stream).shardId(shard).shardIteratorType(type))
                .shardIterator();
    }

    private String iterator(String stream, ShardIteratorType type, String number) {
        return client().getShardIterator(r ->
                        r.streamName(stream)
                                .shardId(SHARD_0)
                                .shardIteratorType(type)
                                .startingSequenceNumber(number))
                .shardIterator();
    }

    final GetRecordsResponse read(String stream, String shard, ShardIteratorType type) {
        return read(iterator(stream, shard, type));
    }

    private GetRecordsResponse read(String iterator) {
        return client().getRecords(r -> r.shardIterator(iterator));
    }

    private static List<String> values(GetRecordsResponse got) {
        return got.records().stream().map(record -> record.data().asUtf8String()).toList();
    }
}
