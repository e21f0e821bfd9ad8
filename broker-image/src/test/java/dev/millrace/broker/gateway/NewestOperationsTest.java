/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.broker.gateway.SignedPost.Reply;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operations and fields of 2026, which the SDK for Java does not know yet. */
@Timeout(60)
class NewestOperationsTest {

    private static final String DATA = "\"Data\":\"aGk=\"";
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
    void aStreamIsFoundByItsId() throws Exception {
        String stream = create("\"ShardCount\":1");
        String id = summary(stream).path("StreamId").asText();

        Reply put =
                call(
                        "PutRecord",
                        "{\"StreamId\":\"%s\",\"PartitionKey\":\"a\",%s}".formatted(id, DATA));
        Reply described = call("DescribeStream", "{\"StreamId\":\"" + id + "\"}");
        Reply other =
                call(
                        "DescribeStream",
                        "{\"StreamId\":\"abcdefghijklmnopqrst-abc\",\"StreamName\":\""
                                + stream
                                + "\"}");

        assertThat(put.status()).isEqualTo(200);
        assertThat(described.body().at("/StreamDescription/StreamName").asText()).isEqualTo(stream);
        assertThat(other.error()).isEqualTo("ResourceNotFoundException");
    }

    @Test
    void aDryRunPutsNothing() throws Exception {
        String stream = create("\"ShardCount\":1");
        String name = "\"StreamName\":\"" + stream + "\",\"DryRun\":true";

        Reply one = call("PutRecord", "{%s,\"PartitionKey\":\"a\",%s}".formatted(name, DATA));
        Reply several =
                call(
                        "PutRecords",
                        "{%s,\"Records\":[{\"PartitionKey\":\"a\",%s}]}".formatted(name, DATA));
        Reply bad = call("PutRecord", "{%s,%s}".formatted(name, DATA));
        Reply iterator =
                call(
                        "GetShardIterator",
                        "{%s,\"ShardId\":\"shardId-000000000000\",\"ShardIteratorType\":\"LATEST\"}"
                                .formatted(name));

        assertThat(one.error()).isEqualTo("DryRunOperationException");
        assertThat(one.message())
                .isEqualTo("Request would have succeeded, but DryRun flag is set.");
        assertThat(several.error()).isEqualTo("DryRunOperationException");
        assertThat(iterator.error()).isEqualTo("DryRunOperationException");
        assertThat(bad.error()).isEqualTo("ValidationException");
        assertThat(records(stream, "shardId-000000000000")).isEmpty();
    }

    @Test
    void aDryRunOfAReadReadsNothing() throws Exception {
        String stream = create("\"ShardCount\":1");
        String iterator = iterator(stream, "shardId-000000000000");

        Reply read =
                call(
                        "GetRecords",
                        "{\"ShardIterator\":\"%s\",\"DryRun\":true}".formatted(iterator));
        Reply invalid = call("GetRecords", "{\"ShardIterator\":\"AAAA\",\"DryRun\":true}");

        assertThat(read.error()).isEqualTo("DryRunOperationException");
        assertThat(invalid.error()).isEqualTo("InvalidArgumentException");
    }

    @Test
    void recordsWithoutKeysAreSpreadOverTheShards() throws Exception {
        String stream =
                create(
                        "\"StreamModeDetails\":{\"StreamMode\":\"ON_DEMAND\"},"
                                + "\"RecordDistributionStrategy\":\"AUTO\"");
        Set<String> shards = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Reply put = call("PutRecord", "{\"StreamName\":\"%s\",%s}".formatted(stream, DATA));
            assertThat(put.status()).isEqualTo(200);
            shards.add(put.body().path("ShardId").asText());
        }
        Reply keyed =
                call(
                        "PutRecord",
                        "{\"StreamName\":\"%s\",\"PartitionKey\":\"mine\",%s}"
                                .formatted(stream, DATA));

        assertThat(shards).hasSize(4);
        assertThat(summary(stream).path("RecordDistributionStrategy").asText()).isEqualTo("AUTO");
        boolean seen = false;
        for (JsonNode record : records(stream, keyed.body().path("ShardId").asText())) {
            seen |= record.path("PartitionKey").asText().equals("mine");
            assertThat(record.path("PartitionKey").asText("none")).isIn("mine", "none");
        }
        assertThat(seen).isTrue();
    }

    @Test
    void theStrategyChangesBackAndForth() throws Exception {
        String stream = create("\"StreamModeDetails\":{\"StreamMode\":\"ON_DEMAND\"}");
        String arn = summary(stream).path("StreamARN").asText();
        String put = "{\"StreamName\":\"%s\",%s}".formatted(stream, DATA);

        assertThat(call("PutRecord", put).message())
                .contains("'partitionKey' failed to satisfy constraint: Member must not be null");
        assertThat(change(arn, "AUTO").status()).isEqualTo(200);
        assertThat(call("PutRecord", put).status()).isEqualTo(200);
        assertThat(change(arn, "USER_PARTITION_KEY").status()).isEqualTo(200);
        assertThat(call("PutRecord", put).error()).isEqualTo("ValidationException");
    }

    @Test
    void autoIsForOnDemandStreams() throws Exception {
        String arn = summary(create("\"ShardCount\":1")).path("StreamARN").asText();

        assertThat(change(arn, "AUTO").error()).isEqualTo("InvalidArgumentException");
        assertThat(
                        call(
                                        "CreateStream",
                                        "{\"StreamName\":\"s\",\"ShardCount\":1,\"RecordDistributionStrategy\":\"AUTO\"}")
                                .error())
                .isEqualTo("InvalidArgumentException");
    }

    private Reply change(String arn, String strategy) throws IOException, InterruptedException {
        return call(
                "UpdateStreamRecordDistributionStrategy",
                "{\"StreamARN\":\"%s\",\"RecordDistributionStrategy\":\"%s\"}"
                        .formatted(arn, strategy));
    }

    private String create(String more) throws IOException, InterruptedException {
        String stream = "newest-" + UUID.randomUUID();
        Reply reply = call("CreateStream", "{\"StreamName\":\"%s\",%s}".formatted(stream, more));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        Awaitility.await()
                .until(() -> summary(stream).path("StreamStatus").asText().equals("ACTIVE"));
        return stream;
    }

    private JsonNode summary(String stream) throws IOException, InterruptedException {
        return call("DescribeStreamSummary", "{\"StreamName\":\"" + stream + "\"}")
                .body()
                .path("StreamDescriptionSummary");
    }

    private String iterator(String stream, String shard) throws IOException, InterruptedException {
        return call(
                        "GetShardIterator",
                        "{\"StreamName\":\"%s\",\"ShardId\":\"%s\",\"ShardIteratorType\":\"TRIM_HORIZON\"}"
                                .formatted(stream, shard))
                .body()
                .path("ShardIterator")
                .asText();
    }

    private JsonNode records(String stream, String shard) throws IOException, InterruptedException {
        return call("GetRecords", "{\"ShardIterator\":\"" + iterator(stream, shard) + "\"}")
                .body()
                .path("Records");
    }

    private static Reply call(String operation, String body)
            throws IOException, InterruptedException {
        return new SignedPost(gateway.port()).call(InMemoryGateway.CLIENT, operation, body);
    }
}
