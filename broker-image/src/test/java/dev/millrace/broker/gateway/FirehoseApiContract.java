/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.firehose.model.CompressionFormat;
import software.amazon.awssdk.services.firehose.model.ConcurrentModificationException;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamDescription;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamStatus;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamType;
import software.amazon.awssdk.services.firehose.model.ElasticsearchDestinationConfiguration;
import software.amazon.awssdk.services.firehose.model.ExtendedS3DestinationConfiguration;
import software.amazon.awssdk.services.firehose.model.ExtendedS3DestinationDescription;
import software.amazon.awssdk.services.firehose.model.ExtendedS3DestinationUpdate;
import software.amazon.awssdk.services.firehose.model.HttpEndpointCommonAttribute;
import software.amazon.awssdk.services.firehose.model.HttpEndpointDestinationConfiguration;
import software.amazon.awssdk.services.firehose.model.InvalidArgumentException;
import software.amazon.awssdk.services.firehose.model.KeyType;
import software.amazon.awssdk.services.firehose.model.Processor;
import software.amazon.awssdk.services.firehose.model.ProcessorParameter;
import software.amazon.awssdk.services.firehose.model.ProcessorType;
import software.amazon.awssdk.services.firehose.model.PutRecordBatchResponse;
import software.amazon.awssdk.services.firehose.model.PutRecordBatchResponseEntry;
import software.amazon.awssdk.services.firehose.model.PutRecordResponse;
import software.amazon.awssdk.services.firehose.model.Record;
import software.amazon.awssdk.services.firehose.model.ResourceInUseException;
import software.amazon.awssdk.services.firehose.model.ResourceNotFoundException;
import software.amazon.awssdk.services.firehose.model.S3BackupMode;
import software.amazon.awssdk.services.firehose.model.S3DestinationConfiguration;
import software.amazon.awssdk.services.firehose.model.Tag;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What an unmodified AWS SDK sees of the Firehose operations, whatever stands behind them. */
@Timeout(120)
abstract class FirehoseApiContract {

    static final String ROLE = "arn:aws:iam::000000000000:role/lake-keys";

    abstract FirehoseClient firehose();

    abstract KinesisClient kinesis();

    static FirehoseClient firehose(int port) {
        return FirehoseClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        KinesisApiContract.ACCESS_KEY, KinesisApiContract.SECRET)))
                .build();
    }

    @Test
    void describesWhatItCreated() {
        String name =
                create(s3 ->
                        s3.prefix("c=!{partitionKeyFromQuery:customer}/")
                                .errorOutputPrefix("e/!{firehose:error-output-type}/")
                                .compressionFormat(CompressionFormat.GZIP)
                                .bufferingHints(h -> h.sizeInMBs(64).intervalInSeconds(60))
                                .dynamicPartitioningConfiguration(d -> d.enabled(true))
                                .processingConfiguration(p ->
                                        p.enabled(true)
                                                .processors(x ->
                                                        x.type(ProcessorType.METADATA_EXTRACTION)
                                                                .parameters(q ->
                                                                        q.parameterName(
                                                                                        "MetadataExtractionQuery")
                                                                                .parameterValue(
                                                                                        "{customer: .customer}")))));

        DeliveryStreamDescription description = describe(name);

        assertThat(description.deliveryStreamARN())
                .isEqualTo("arn:aws:firehose:us-east-1:000000000000:deliverystream/" + name);
        assertThat(description.deliveryStreamStatus()).isEqualTo(DeliveryStreamStatus.ACTIVE);
        assertThat(description.deliveryStreamType()).isEqualTo(DeliveryStreamType.DIRECT_PUT);
        assertThat(description.versionId()).isEqualTo("1");
        assertThat(description.createTimestamp()).isNotNull();
        assertThat(description.hasMoreDestinations()).isFalse();
        assertThat(description.destinations()).hasSize(1);
        assertThat(description.destinations().getFirst().s3DestinationDescription().bucketARN())
                .isEqualTo("arn:aws:s3:::lake");
        ExtendedS3DestinationDescription s3 =
                description.destinations().getFirst().extendedS3DestinationDescription();
        assertThat(s3.prefix()).isEqualTo("c=!{partitionKeyFromQuery:customer}/");
        assertThat(s3.compressionFormat()).isEqualTo(CompressionFormat.GZIP);
        assertThat(s3.bufferingHints().sizeInMBs()).isEqualTo(64);
        assertThat(s3.s3BackupMode()).isEqualTo(S3BackupMode.DISABLED);
        assertThat(s3.processingConfiguration().processors()).hasSize(1);
    }

    @Test
    void whatIsPutIsInThePoolBeforeItIsAcknowledged() {
        String name = create(_ -> {});
        byte[] large = new byte[1_000 * 1_024];

        String first =
                firehose()
                        .putRecord(r -> r.deliveryStreamName(name).record(record("one")))
                        .recordId();
        PutRecordBatchResponse batch =
                firehose()
                        .putRecordBatch(r ->
                                r.deliveryStreamName(name)
                                        .records(
                                                record("two"),
                                                record(""),
                                                Record.builder()
                                                        .data(SdkBytes.fromByteArray(large))
                                                        .build()));

        assertThat(batch.failedPutCount()).isZero();
        assertThat(batch.requestResponses())
                .extracting(PutRecordBatchResponseEntry::recordId)
                .hasSize(3)
                .doesNotContainNull()
                .doesNotContain(first)
                .doesNotHaveDuplicates();
        assertThat(read("firehose." + name)).containsExactly("one", "two", "", "large");
    }

    @Test
    void limitsAreFirehoses() {
        String name = create(_ -> {});
        Record small = record("x");
        refused(
                "ValidationException",
                () ->
                        firehose()
                                .putRecordBatch(r ->
                                        r.deliveryStreamName(name)
                                                .records(Collections.nCopies(501, small))));
        refused(
                "ValidationException",
                () ->
                        firehose()
                                .putRecordBatch(
                                        r -> r.deliveryStreamName(name).records(List.of())));
        refused(
                "ValidationException",
                () ->
                        firehose()
                                .putRecord(
                                        r -> r.deliveryStreamName(name).record(bytes(1_024_001))));
        assertThatThrownBy(() ->
                        firehose()
                                .putRecordBatch(r ->
                                        r.deliveryStreamName(name)
                                                .records(Collections.nCopies(5, bytes(1_000_000)))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("4 MB");
        assertThat(read("firehose." + name)).isEmpty();
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThatThrownBy(() ->
                        firehose()
                                .putRecord(r -> r.deliveryStreamName("nobody").record(record("x"))))
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("Firehose nobody under account 000000000000 not found.");
        assertThatThrownBy(() -> describe("nobody")).isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(
                        () -> firehose().deleteDeliveryStream(r -> r.deliveryStreamName("nobody")))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void aNameIsThereOnce() {
        String name = create(_ -> {});
        assertThatThrownBy(() -> create(name, _ -> {}))
                .isInstanceOf(ResourceInUseException.class)
                .hasMessageContaining(
                        "Firehose %s under accountId 000000000000 already exists".formatted(name));
    }

    @Test
    void updatesMergeAndCountVersions() {
        String name = create(s3 -> s3.prefix("a/").compressionFormat(CompressionFormat.GZIP));

        update(name, "1", "b/");

        DeliveryStreamDescription updated = describe(name);
        ExtendedS3DestinationDescription s3 =
                updated.destinations().getFirst().extendedS3DestinationDescription();
        assertThat(updated.versionId()).isEqualTo("2");
        assertThat(updated.lastUpdateTimestamp()).isNotNull();
        assertThat(s3.prefix()).isEqualTo("b/");
        assertThat(s3.compressionFormat()).isEqualTo(CompressionFormat.GZIP);

        assertThatThrownBy(() -> update(name, "1", "c/"))
                .isInstanceOf(ConcurrentModificationException.class)
                .hasMessageContaining("current version id: 2 and specified version id: 1");
        // The same again is no update.
        update(name, "2", "b/");
        assertThat(describe(name).versionId()).isEqualTo("2");
    }

    /** As the resource's schema does, or the resource could not follow. */
    @Test
    void whatIsOnOnceStaysOn() {
        String backed =
                create(s3 ->
                        s3.s3BackupMode(S3BackupMode.ENABLED)
                                .s3BackupConfiguration(
                                        b -> b.roleARN(ROLE).bucketARN("arn:aws:s3:::raw")));
        assertThatThrownBy(() -> update(backed, s3 -> s3.s3BackupMode(S3BackupMode.DISABLED)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("S3BackupMode");

        String plain = create(_ -> {});
        assertThatThrownBy(() ->
                        update(
                                plain,
                                s3 ->
                                        s3.prefix("!{partitionKeyFromQuery:k}/")
                                                .errorOutputPrefix("errors/")
                                                .dynamicPartitioningConfiguration(
                                                        d -> d.enabled(true))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Dynamic Partitioning");
        assertThat(describe(plain).versionId()).isEqualTo("1");
        // The other way round it can be turned on.
        update(
                plain,
                s3 ->
                        s3.s3BackupMode(S3BackupMode.ENABLED)
                                .s3BackupUpdate(
                                        b -> b.roleARN(ROLE).bucketARN("arn:aws:s3:::raw")));
        assertThat(describe(plain).versionId()).isEqualTo("2");
    }

    @Test
    void buffersOfDynamicPartitioningAreLarge() {
        assertThatThrownBy(() -> create(s3 -> partitioned(s3, 63, 60)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining(
                        "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.");
        assertThatThrownBy(() -> create(s3 -> partitioned(s3, 64, 0)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("IntervalInSeconds");
        String name = create(s3 -> partitioned(s3, 64, 60));
        assertThatThrownBy(() ->
                        update(
                                name,
                                s3 -> s3.bufferingHints(h -> h.sizeInMBs(5).intervalInSeconds(60))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("at least 64");
        assertThatThrownBy(() -> update(name, s3 -> s3.prefix("all/")))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Dynamic Partitioning");
    }

    private static void partitioned(
            ExtendedS3DestinationConfiguration.Builder s3, int sizeMiB, int seconds) {
        s3.prefix("!{partitionKeyFromQuery:k}/")
                .errorOutputPrefix("errors/")
                .bufferingHints(h -> h.sizeInMBs(sizeMiB).intervalInSeconds(seconds))
                .dynamicPartitioningConfiguration(d -> d.enabled(true));
    }

    /** Or it would be there, and nothing would ever deliver it. */
    @Test
    void whatTheResourceRefusesIsRefused() {
        refused("ValidationException", () -> createSearch(d -> d.indexName("Orders")));
        refused("ValidationException", () -> createSearch(d -> d.indexName("i".repeat(81))));
        refused("ValidationException", () -> createSearch(d -> d.clusterEndpoint("search:9200")));
        refused("ValidationException", () -> createSearch(d -> d.indexRotationPeriod("OneYear")));
        refused(
                "ValidationException",
                () -> createSearch(d -> d.documentIdOptions(o -> o.defaultDocumentIdFormat("ID"))));
        refused(
                "ValidationException",
                () -> createHttp(d -> d.endpointConfiguration(e -> e.url("ftp://h"))));
        refused(
                "ValidationException",
                () -> createHttp(d -> d.requestConfiguration(r -> r.contentEncoding("BR"))));
        refused(
                "ValidationException",
                () ->
                        createHttp(d ->
                                d.requestConfiguration(r ->
                                        r.commonAttributes(
                                                Collections.nCopies(
                                                        51,
                                                        HttpEndpointCommonAttribute.builder()
                                                                .attributeName("a")
                                                                .attributeValue("v")
                                                                .build())))));
        refused("ValidationException", () -> createRedshift("postgres://db/x", "GZIP"));
        refused(
                "ValidationException",
                () -> createRedshift("jdbc:redshift://db:5439/x", "o".repeat(10_241)));
        createRedshift("jdbc:redshift://db:5439/x", "GZIP");
        createSearch(d -> d.indexName("orders").indexRotationPeriod("OneHour"));
    }

    @Test
    void wrongProcessorsAreRefused() {
        for (String retries : List.of("11", "-1", "many")) {
            assertThatThrownBy(
                            () -> create(s3 -> processed(s3, "Lambda", "NumberOfRetries", retries)))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining(
                            "NumberOfRetries: a number from 0 to 10, not '" + retries);
        }
        assertThatThrownBy(() ->
                        create(s3 ->
                                processed(s3, "MetadataExtraction", "JsonParsingEngine", "JQ-1.6")))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("MetadataExtractionQuery");
        refused(
                "ValidationException",
                () -> create(s3 -> processed(s3, "RecordDeAggregation", "SubRecordType", "XML")));
        create(s3 -> processed(s3, "Lambda", "NumberOfRetries", "10"));
    }

    private static void processed(
            ExtendedS3DestinationConfiguration.Builder s3, String type, String name, String value) {
        s3.processingConfiguration(p ->
                p.enabled(true)
                        .processors(
                                Processor.builder()
                                        .type(type)
                                        .parameters(
                                                parameter("LambdaArn", "http://function/"),
                                                parameter(name, value))
                                        .build()));
    }

    private static ProcessorParameter parameter(String name, String value) {
        return ProcessorParameter.builder().parameterName(name).parameterValue(value).build();
    }

    private void createSearch(Consumer<ElasticsearchDestinationConfiguration.Builder> change) {
        firehose()
                .createDeliveryStream(r ->
                        r.deliveryStreamName("d-" + UUID.randomUUID())
                                .elasticsearchDestinationConfiguration(d -> {
                                    d.roleARN(ROLE)
                                            .clusterEndpoint("http://search:9200")
                                            .indexName("orders")
                                            .s3Configuration(FirehoseApiContract::bucket);
                                    change.accept(d);
                                }));
    }

    private void createHttp(Consumer<HttpEndpointDestinationConfiguration.Builder> change) {
        firehose()
                .createDeliveryStream(r ->
                        r.deliveryStreamName("d-" + UUID.randomUUID())
                                .httpEndpointDestinationConfiguration(d -> {
                                    d.endpointConfiguration(e -> e.url("http://collector/"))
                                            .s3Configuration(FirehoseApiContract::bucket);
                                    change.accept(d);
                                }));
    }

    private void createRedshift(String url, String copyOptions) {
        firehose()
                .createDeliveryStream(r ->
                        r.deliveryStreamName("d-" + UUID.randomUUID())
                                .redshiftDestinationConfiguration(d ->
                                        d.roleARN(ROLE)
                                                .clusterJDBCURL(url)
                                                .copyCommand(c ->
                                                        c.dataTableName("t")
                                                                .copyOptions(copyOptions))
                                                .secretsManagerConfiguration(m ->
                                                        m.enabled(true)
                                                                .secretARN(
                                                                        "arn:aws:secretsmanager:us-east-1:123456789012:secret:redshift"))
                                                .s3Configuration(FirehoseApiContract::bucket)));
    }

    private static void bucket(S3DestinationConfiguration.Builder s3) {
        s3.roleARN(ROLE).bucketARN("arn:aws:s3:::lake");
    }

    @Test
    void wrongDestinationsAreRefused() {
        refused("ValidationException", () -> create(s3 -> s3.fileExtension("json")));
        refused("ValidationException", () -> create(s3 -> s3.customTimeZone("Europe Berlin")));
        assertThatThrownBy(() -> create(s3 -> s3.prefix("p".repeat(1_025))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("at most 1024");
        assertThatThrownBy(() ->
                        create(s3 ->
                                s3.s3BackupMode(S3BackupMode.ENABLED)
                                        .s3BackupConfiguration(b ->
                                                b.roleARN(ROLE)
                                                        .bucketARN("arn:aws:s3:::raw")
                                                        .prefix("!{partitionKeyFromQuery:k}/")
                                                        .errorOutputPrefix("errors/"))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("partition keys");
        assertThatThrownBy(() -> create(s3 -> s3.prefix("y=!{timestamp:yyyy}/")))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("ErrorOutputPrefix");
        assertThatThrownBy(() -> create(s3 -> s3.bucketARN("arn:aws:s3:::No")))
                .isInstanceOf(InvalidArgumentException.class);
        refused(
                "ValidationException",
                () -> create(s3 -> s3.bufferingHints(h -> h.sizeInMBs(129).intervalInSeconds(60))));
        refused("ValidationException", () -> create(s3 -> s3.compressionFormat("BROTLI")));
        assertThatThrownBy(() -> firehose().createDeliveryStream(r -> r.deliveryStreamName("none")))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("Exactly one destination");
        refused("ValidationException", () -> create("no spaces", _ -> {}));
    }

    @Test
    void listsInOrderPageByPage() {
        String prefix = "list-" + UUID.randomUUID().toString().substring(0, 8);
        List<String> names = IntStream.range(0, 5).mapToObj(i -> prefix + "-" + i).toList();
        names.forEach(name -> create(name, _ -> {}));

        List<String> listed = new ArrayList<>();
        String after = prefix;
        boolean more;
        do {
            String start = after;
            var page =
                    firehose()
                            .listDeliveryStreams(
                                    r -> r.limit(2).exclusiveStartDeliveryStreamName(start));
            page.deliveryStreamNames().stream()
                    .filter(name -> name.startsWith(prefix))
                    .forEach(listed::add);
            more = page.hasMoreDeliveryStreams();
            after =
                    page.deliveryStreamNames().isEmpty()
                            ? after
                            : page.deliveryStreamNames().getLast();
        } while (more);

        assertThat(listed).isEqualTo(names);
        assertThat(kinesis().listStreams(r -> r.limit(1_000)).streamNames())
                .noneMatch(name -> name.startsWith("firehose."));
    }

    @Test
    void tagsComeAndGo() {
        String name = create(_ -> {});
        firehose()
                .tagDeliveryStream(r ->
                        r.deliveryStreamName(name)
                                .tags(tag("team", "red"), tag("stage", "test"), tag("empty", "")));
        firehose().untagDeliveryStream(r -> r.deliveryStreamName(name).tagKeys("stage", "none"));

        var tags = firehose().listTagsForDeliveryStream(r -> r.deliveryStreamName(name));

        assertThat(tags.tags()).containsExactly(tag("empty", ""), tag("team", "red"));
        assertThat(tags.hasMoreTags()).isFalse();
        assertThat(
                        firehose()
                                .listTagsForDeliveryStream(r -> r.deliveryStreamName(name).limit(1))
                                .hasMoreTags())
                .isTrue();
        assertThat(describe(name).versionId()).isEqualTo("1");
    }

    @Test
    void aStreamAsSourceTakesNoPuts() {
        String stream = "orders-" + UUID.randomUUID();
        kinesis().createStream(r -> r.streamName(stream).shardCount(1));
        String arn = "arn:aws:kinesis:us-east-1:000000000000:stream/" + stream;
        String name = "of-" + UUID.randomUUID();
        firehose()
                .createDeliveryStream(r ->
                        r.deliveryStreamName(name)
                                .deliveryStreamType(DeliveryStreamType.KINESIS_STREAM_AS_SOURCE)
                                .kinesisStreamSourceConfiguration(
                                        s -> s.kinesisStreamARN(arn).roleARN(ROLE))
                                .extendedS3DestinationConfiguration(lake()));
        awaitActive(name);

        assertThat(describe(name).source().kinesisStreamSourceDescription().kinesisStreamARN())
                .isEqualTo(arn);
        assertThatThrownBy(() ->
                        firehose().putRecord(r -> r.deliveryStreamName(name).record(record("x"))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("not permitted on KinesisStreamAsSource");
    }

    @Test
    void encryptsFromStartToStop() {
        String name = create(_ -> {});
        String key = "arn:aws:kms:us-east-1:000000000000:key/" + KinesisApiContract.ENCRYPTION_KEY;
        assertThat(put(name, "plain").encrypted()).isFalse();
        firehose()
                .startDeliveryStreamEncryption(r ->
                        r.deliveryStreamName(name)
                                .deliveryStreamEncryptionConfigurationInput(
                                        e -> e.keyType(KeyType.CUSTOMER_MANAGED_CMK).keyARN(key)));
        assertThat(describe(name).deliveryStreamEncryptionConfiguration())
                .satisfies(shown -> {
                    assertThat(shown.statusAsString()).isEqualTo("ENABLED");
                    assertThat(shown.keyType()).isEqualTo(KeyType.CUSTOMER_MANAGED_CMK);
                    assertThat(shown.keyARN()).isEqualTo(key);
                });
        assertThat(put(name, "secret").encrypted()).isTrue();
        assertThat(
                        firehose()
                                .putRecordBatch(r ->
                                        r.deliveryStreamName(name).records(record("secret too")))
                                .encrypted())
                .isTrue();
        firehose().stopDeliveryStreamEncryption(r -> r.deliveryStreamName(name));
        assertThat(describe(name).deliveryStreamEncryptionConfiguration().statusAsString())
                .isEqualTo("DISABLED");
        assertThat(put(name, "plain again").encrypted()).isFalse();

        assertThat(
                        kinesis()
                                .getRecords(r -> r.shardIterator(iterator("firehose." + name)))
                                .records())
                .extracting(
                        record -> record.data().asUtf8String(),
                        record -> record.encryptionTypeAsString())
                .containsExactly(
                        tuple("plain", null),
                        tuple("secret", "KMS"),
                        tuple("secret too", "KMS"),
                        tuple("plain again", null));
    }

    @Test
    void encryptsOnlyWithKeysThatAreThere() {
        String name = create(_ -> {});
        // There is no key of Amazon's, unless the Secret has one of its name.
        refused(
                "InvalidKMSResourceException",
                () -> firehose().startDeliveryStreamEncryption(r -> r.deliveryStreamName(name)));
        refused(
                "InvalidArgumentException",
                () ->
                        firehose()
                                .startDeliveryStreamEncryption(r ->
                                        r.deliveryStreamName(name)
                                                .deliveryStreamEncryptionConfigurationInput(e ->
                                                        e.keyType(KeyType.CUSTOMER_MANAGED_CMK))));
        assertThat(describe(name).deliveryStreamEncryptionConfiguration().statusAsString())
                .isEqualTo("DISABLED");
    }

    private PutRecordResponse put(String name, String data) {
        return firehose().putRecord(r -> r.deliveryStreamName(name).record(record(data)));
    }

    @Test
    void whatIsDeletedIsGone() {
        String name = create(_ -> {});
        firehose().deleteDeliveryStream(r -> r.deliveryStreamName(name));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThatThrownBy(() -> describe(name))
                                .isInstanceOf(ResourceNotFoundException.class));
    }

    // ---

    private String create(Consumer<ExtendedS3DestinationConfiguration.Builder> more) {
        String name = "lake-" + UUID.randomUUID();
        create(name, more);
        return name;
    }

    private void create(String name, Consumer<ExtendedS3DestinationConfiguration.Builder> more) {
        ExtendedS3DestinationConfiguration.Builder s3 = lake().toBuilder();
        more.accept(s3);
        String arn =
                firehose()
                        .createDeliveryStream(r ->
                                r.deliveryStreamName(name)
                                        .extendedS3DestinationConfiguration(s3.build()))
                        .deliveryStreamARN();
        assertThat(arn).endsWith(":deliverystream/" + name);
        awaitActive(name);
    }

    private static ExtendedS3DestinationConfiguration lake() {
        return ExtendedS3DestinationConfiguration.builder()
                .roleARN(ROLE)
                .bucketARN("arn:aws:s3:::lake")
                .build();
    }

    final void awaitActive(String name) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> describe(name).deliveryStreamStatus() == DeliveryStreamStatus.ACTIVE);
    }

    private DeliveryStreamDescription describe(String name) {
        return firehose()
                .describeDeliveryStream(r -> r.deliveryStreamName(name))
                .deliveryStreamDescription();
    }

    private void update(String name, Consumer<ExtendedS3DestinationUpdate.Builder> change) {
        firehose()
                .updateDestination(r ->
                        r.deliveryStreamName(name)
                                .currentDeliveryStreamVersionId(describe(name).versionId())
                                .destinationId("destinationId-000000000001")
                                .extendedS3DestinationUpdate(change));
    }

    private void update(String name, String version, String prefix) {
        firehose()
                .updateDestination(r ->
                        r.deliveryStreamName(name)
                                .currentDeliveryStreamVersionId(version)
                                .destinationId("destinationId-000000000001")
                                .extendedS3DestinationUpdate(s3 -> s3.prefix(prefix)));
    }

    private static void refused(
            String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code));
    }

    private String iterator(String stream) {
        return kinesis()
                .getShardIterator(r ->
                        r.streamName(stream)
                                .shardId("shardId-000000000000")
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
    }

    /** What lies in a stream, in short. */
    private List<String> read(String stream) {
        return kinesis().getRecords(r -> r.shardIterator(iterator(stream))).records().stream()
                .map(record -> record.data().asByteArray())
                .map(data ->
                        data.length > 100
                                ? "large"
                                : new String(data, java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    private static Record record(String data) {
        return Record.builder().data(SdkBytes.fromUtf8String(data)).build();
    }

    private static Record bytes(int count) {
        return Record.builder().data(SdkBytes.fromByteArray(new byte[count])).build();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }
}
