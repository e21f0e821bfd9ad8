/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.broker.gateway.SignedPost.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channels, and the delivery streams that they become. */
@Timeout(60)
class ChannelApiTest {

    private static final String ARN = "arn:aws:kinesis:us-east-1:000000000000:";
    private static final String ROLE =
            "\"ServiceExecutionRoleARN\":\"arn:aws:iam::000000000000:role/Lake_Keys\"";
    private static final String BUCKET =
            "\"BucketARN\":\"arn:aws:s3:::lake\",\"ExpectedBucketOwner\":\"000000000000\"";
    private static final String S3 =
            "\"S3DestinationConfiguration\":{\"StorageConfiguration\":{"
                    + BUCKET
                    + ",\"CompressionType\":\"GZIP\",\"OutputKeyTemplate\":\"orders/\"}}";
    private static final String TABLES =
            "\"S3TablesDestinationConfiguration\":{\"DataFreshnessInSeconds\":60,\"DeadLetterQueueS3Configuration\":{"
                    + BUCKET
                    + "},\"S3TablesConfigurationList\":[{\"TableBucketARN\":\"arn:aws:s3tables:us-east-1:000000000000:bucket/iceberg-rest\",\"Namespace\":\"sales\",\"TableName\":\"orders\",\"CompressionType\":\"ZSTD\"}]}";

    private static InMemoryGateway gateway;

    @BeforeAll
    static void startGateway() {
        gateway = new InMemoryGateway();
    }

    @AfterAll
    static void stopGateway() {
        gateway.close();
    }

    @Test
    void becomesADeliveryStreamIntoABucket() throws Exception {
        String stream = stream();
        String name = unique("lake");
        Reply created = create(name, stream, "JSON", S3 + ",\"Tags\":{\"team\":\"a\"}");
        assertThat(created.status()).describedAs("%s", created.body()).isEqualTo(200);
        JsonNode channel = created.body().path("ChannelDescription");
        String arn = channel.path("ChannelARN").asText();

        assertThat(channel.path("ChannelStatus").asText()).isEqualTo("CREATING");
        assertThat(arn).isEqualTo(ARN + "channel/" + channel.path("ChannelId").asText());
        JsonNode active = describe(arn);
        assertThat(active.path("ChannelStatus").asText()).isEqualTo("ACTIVE");
        assertThat(active.path("ChannelName").asText()).isEqualTo(name);
        assertThat(active.at("/StreamConfigurationList/0/StreamARN").asText())
                .isEqualTo(ARN + "stream/" + stream);
        assertThat(active.at("/StreamConfigurationList/0/StreamCreationTimestamp").asDouble())
                .isPositive();
        assertThat(active.path("S3DestinationConfiguration").toString())
                .isEqualTo(
                        "{\"StorageConfiguration\":{"
                                + BUCKET
                                + ",\"CompressionType\":\"GZIP\",\"OutputKeyTemplate\":\"orders/\"},\"DataFreshnessInSeconds\":300,\"DeadLetterQueueS3Configuration\":{"
                                + BUCKET
                                + ",\"ErrorOutputPrefix\":\"errors/\"}}");
        assertThat(active.path("LoggingConfiguration").toString())
                .isEqualTo("{\"CloudWatchLogs\":{\"Enabled\":false}}");
        assertThat(carrier(name).path("spec").toString())
                .isEqualTo(
                        "{\"source\":{\"type\":\"Stream\",\"startingPosition\":\"LATEST\",\"streamRef\":{\"name\":\""
                                + stream
                                + "\"}},\"destination\":{\"s3\":{\"bucket\":\"lake\",\"credentialsSecretRef\":{\"name\":\"lake-keys\"},\"prefix\":\"orders/\",\"errorOutputPrefix\":\"errors/\",\"compression\":\"GZIP\",\"buffering\":{\"sizeMiB\":64,\"intervalSeconds\":300}}},\"processing\":{\"enabled\":true,\"processors\":[{\"type\":\"AppendDelimiterToRecord\"}]}}");
        assertThat(summary(stream).path("ChannelCount").asInt()).isEqualTo(1);
        assertThat(call("DescribeLimits", "{}").body().path("ChannelCount").asInt()).isPositive();
        assertThat(
                        call("ListTagsForResource", "{\"ResourceARN\":\"" + arn + "\"}")
                                .body()
                                .toString())
                .isEqualTo("{\"Tags\":[{\"Key\":\"team\",\"Value\":\"a\"}]}");
    }

    @Test
    void becomesADeliveryStreamIntoATable() throws Exception {
        String name = unique("table");
        Reply created = create(name, stream(), "JSON", TABLES);
        assertThat(created.status()).describedAs("%s", created.body()).isEqualTo(200);
        assertThat(carrier(name).at("/spec/destination").toString())
                .isEqualTo(
                        "{\"iceberg\":{\"catalog\":{\"type\":\"REST\",\"uri\":\"http://iceberg-rest/\",\"credentialsSecretRef\":{\"name\":\"lake-keys\"}},\"tables\":[{\"database\":\"sales\",\"table\":\"orders\"}],\"buffering\":{\"sizeMiB\":64,\"intervalSeconds\":60}}}");
        assertThat(carrier(name).at("/spec/backup").toString())
                .isEqualTo(
                        "{\"mode\":\"FailedDataOnly\",\"s3\":{\"bucket\":\"lake\",\"credentialsSecretRef\":{\"name\":\"lake-keys\"},\"errorOutputPrefix\":\"errors/\"}}");
        assertThat(carrier(name).at("/spec").has("processing")).isFalse();
    }

    @Test
    void changesItsFreshnessOnly() throws Exception {
        String name = unique("fresh");
        String arn = arnOf(create(name, stream(), "BYTE_ARRAY", S3));
        Reply updated =
                call(
                        "UpdateChannel",
                        "{\"ChannelARN\":\"%s\",\"S3DestinationConfiguration\":{\"DataFreshnessInSeconds\":60},\"LoggingConfiguration\":{\"CloudWatchLogs\":{\"Enabled\":true}}}"
                                .formatted(arn));
        assertThat(updated.body().at("/ChannelDescription/ChannelStatus").asText())
                .isEqualTo("UPDATING");
        assertThat(describe(arn).at("/S3DestinationConfiguration/DataFreshnessInSeconds").asInt())
                .isEqualTo(60);
        assertThat(describe(arn).at("/LoggingConfiguration/CloudWatchLogs/Enabled").asBoolean())
                .isTrue();
        assertThat(carrier(name).at("/spec/destination/s3/buffering/intervalSeconds").asInt())
                .isEqualTo(60);
        assertThat(carrier(name).path("version").asInt()).isEqualTo(2);
        assertThat(
                        call(
                                        "UpdateChannel",
                                        "{\"ChannelARN\":\"%s\",\"S3TablesDestinationConfiguration\":{\"DataFreshnessInSeconds\":60}}"
                                                .formatted(arn))
                                .error())
                .isEqualTo("ValidationException");
    }

    @Test
    void goesWithItsDeliveryStreamAndBeforeItsStream() throws Exception {
        String stream = stream();
        String name = unique("going");
        String arn = arnOf(create(name, stream, "JSON", S3));
        assertThat(create(name, stream, "JSON", S3).error()).isEqualTo("ResourceInUseException");
        Reply refused = call("DeleteStream", "{\"StreamName\":\"" + stream + "\"}");
        assertThat(refused.error()).isEqualTo("ResourceInUseException");
        assertThat(refused.message()).contains("has 1 channels");

        assertThat(call("DeleteChannel", named(arn)).status()).isEqualTo(200);
        assertThat(call("DescribeChannel", named(arn)).error())
                .isEqualTo("ResourceNotFoundException");
        Awaitility.await().until(() -> carrier(name).isMissingNode());
        assertThat(call("DeleteStream", "{\"StreamName\":\"" + stream + "\"}").status())
                .isEqualTo(200);
    }

    @Test
    void hasFailedWhenItsDeliveryStreamIsGone() throws Exception {
        String name = unique("failing");
        String arn = arnOf(create(name, stream(), "JSON", S3));
        call("DeleteStream", "{\"StreamName\":\"firehose.channel-" + name + "\"}");
        Awaitility.await()
                .until(() -> describe(arn).path("ChannelStatus").asText().equals("FAILED"));
        assertThat(describe(arn).path("ChannelStatusReason").asText())
                .isEqualTo("Delivery stream channel-" + name + " was deleted.");
        assertThat(
                        call(
                                        "UpdateChannel",
                                        "{\"ChannelARN\":\"%s\",\"S3DestinationConfiguration\":{\"DataFreshnessInSeconds\":60}}"
                                                .formatted(arn))
                                .error())
                .isEqualTo("ResourceInUseException");
        assertThat(call("DeleteChannel", named(arn)).status()).isEqualTo(200);
    }

    @Test
    void listsChannelsByNameAndStream() throws Exception {
        String stream = stream();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            names.add(unique("listed-" + i));
            create(names.getLast(), stream, "JSON", i == 0 ? TABLES : S3);
        }
        List<String> listed = new ArrayList<>();
        List<String> kinds = new ArrayList<>();
        String token = "";
        do {
            JsonNode page =
                    call(
                                    "ListChannels",
                                    "{\"MaxResults\":2,\"StreamFilter\":[{\"StreamARN\":\"%sstream/%s\"}]%s}"
                                            .formatted(ARN, stream, token))
                            .body();
            page.path("ChannelSummaries")
                    .forEach(channel -> {
                        listed.add(channel.path("ChannelName").asText());
                        kinds.add(channel.path("ChannelDestinationType").asText());
                    });
            token =
                    page.has("NextToken")
                            ? ",\"NextToken\":\"" + page.path("NextToken").asText() + "\""
                            : "";
        } while (!token.isEmpty());
        assertThat(listed).isEqualTo(names);
        assertThat(kinds).containsExactly("S3_TABLES", "S3", "S3");
    }

    @Test
    void saysWhatItCannotCarry() throws Exception {
        String stream = stream();
        Map<String, String> refused = new HashMap<>();
        refused.put(S3.replace("orders/", "{year}/"), "InvalidArgumentException OutputKeyTemplate");
        refused.put(
                S3.replace("GZIP\"", "GZIP\",\"StorageClass\":\"GLACIER_IR\""),
                "InvalidArgumentException StorageClass GLACIER_IR");
        refused.put(
                S3 + ",\"EncryptionConfiguration\":{\"EncryptionType\":\"KMS\",\"KeyId\":\"k\"}",
                "InvalidArgumentException EncryptionConfiguration");
        refused.put(
                TABLES.replace("ZSTD\"", "SNAPPY\""),
                "InvalidArgumentException CompressionType SNAPPY");
        refused.put(TABLES.replace(":60", ":901"), "InvalidArgumentException between 0 and 900");
        refused.put(S3 + "," + TABLES, "ValidationException Exactly one of");
        refused.put(
                S3.replace("\"CompressionType\":\"GZIP\",", ""),
                "ValidationException Value null at 's3DestinationConfiguration.storageConfiguration.compressionType' failed to satisfy constraint: Member must not be null");
        for (Map.Entry<String, String> entry : refused.entrySet()) {
            String[] parts = entry.getValue().split(" ", 2);
            Reply reply = create(unique("refused"), stream, "JSON", entry.getKey());
            assertThat(reply.error()).describedAs(entry.getKey()).isEqualTo(parts[0]);
            assertThat(reply.message()).contains(parts[1]);
        }
        assertThat(create(unique("refused"), stream, "GSR_JSON", S3).message())
                .isEqualTo(
                        "RecordFormatType GSR_JSON is not supported for general purpose Amazon S3 destinations.");
        assertThat(call("CreateChannel", "{}").message())
                .startsWith("3 validation errors detected");
        assertThat(summary(stream).path("ChannelCount").asInt()).isZero();
    }

    @Test
    void thereAreNoneWhereNobodyDelivers() throws Exception {
        try (InMemoryGateway alone = new InMemoryGateway(64L << 20, List.of(), false)) {
            SignedPost post = new SignedPost(alone.port());
            Reply refused =
                    post.call(
                            InMemoryGateway.CLIENT,
                            "CreateChannel",
                            request("lake", "none", "JSON", S3));
            assertThat(refused.error()).isEqualTo("LimitExceededException");
            assertThat(
                            post.call(InMemoryGateway.CLIENT, "DescribeLimits", "{}")
                                    .body()
                                    .path("ChannelCountLimit")
                                    .asInt())
                    .isZero();
            assertThat(
                            post.call(InMemoryGateway.CLIENT, "ListChannels", "{}")
                                    .body()
                                    .path("ChannelSummaries"))
                    .isEmpty();
        }
    }

    private static JsonNode carrier(String channel) throws Exception {
        Reply states =
                new SignedPost(gateway.port())
                        .control(InMemoryGateway.OPERATOR, "ListStreamStates", "{}");
        for (JsonNode state : states.body().path("Streams")) {
            if (state.toString().contains("firehose.channel-" + channel)) {
                return new JsonMapper().readTree(state.path("Delivery").asText());
            }
        }
        return new JsonMapper().missingNode();
    }

    private static String request(String name, String stream, String format, String more) {
        return "{\"ChannelName\":\"%s\",%s,\"StreamConfigurationList\":[{\"StreamARN\":\"%sstream/%s\",\"RecordConfiguration\":{\"RecordFormatType\":\"%s\"}}],%s}"
                .formatted(name, ROLE, ARN, stream, format, more);
    }

    private static Reply create(String name, String stream, String format, String more)
            throws Exception {
        return call("CreateChannel", request(name, stream, format, more));
    }

    private static String arnOf(Reply created) {
        assertThat(created.status()).describedAs("%s", created.body()).isEqualTo(200);
        return created.body().at("/ChannelDescription/ChannelARN").asText();
    }

    private static JsonNode describe(String arn) throws Exception {
        return call("DescribeChannel", named(arn)).body().path("ChannelDescription");
    }

    private static JsonNode summary(String stream) throws Exception {
        return call("DescribeStreamSummary", "{\"StreamName\":\"" + stream + "\"}")
                .body()
                .path("StreamDescriptionSummary");
    }

    private static String stream() throws Exception {
        String name = unique("stream");
        call("CreateStream", "{\"StreamName\":\"" + name + "\",\"ShardCount\":1}");
        Awaitility.await()
                .until(() -> summary(name).path("StreamStatus").asText().equals("ACTIVE"));
        return name;
    }

    /** Short, so that the delivery stream has the channel's name. */
    private static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    private static String named(String arn) {
        return "{\"ChannelARN\":\"" + arn + "\"}";
    }

    private static Reply call(String operation, String body) throws Exception {
        return new SignedPost(gateway.port()).call(InMemoryGateway.CLIENT, operation, body);
    }
}
