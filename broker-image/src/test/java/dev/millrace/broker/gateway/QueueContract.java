/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.broker.gateway.SignedPost.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What clients see of queues, whatever stands behind the gateway, and whichever gateway they ask.
 */
@Timeout(120)
abstract class QueueContract {

    private static final String DEAD = "DeadLetter";
    private static final String ALIVE = "";

    /** The gateway for the next call. */
    abstract SignedPost gateway();

    // --- what a queue is

    @Test
    void describesWhatItCreated() throws Exception {
        String stream = stream(1);
        String name = unique("work");
        Reply created =
                call(
                        "CreateQueue",
                        "{\"QueueName\":\"%s\",%s,\"Tags\":{\"team\":\"a\"}}"
                                .formatted(name, on(stream)));
        JsonNode first = created.body().path("QueueDescription");
        String arn = first.path("QueueARN").asText();

        assertThat(created.status()).describedAs("%s", created.body()).isEqualTo(200);
        assertThat(arn).matches("arn:aws:kinesis:us-east-1:000000000000:queue/[a-z0-9]{26}");
        assertThat(first.path("QueueStatus").asText()).isEqualTo("CREATING");
        assertThat(first.at("/StreamConfigurationList/0/StartingPosition").toString())
                .isEqualTo("{\"Type\":\"LATEST\"}");
        JsonNode queue = describeEverywhere(arn);
        assertThat(queue.path("QueueName").asText()).isEqualTo(name);
        assertThat(queue.path("QueueStatus").asText()).isEqualTo("ACTIVE");
        assertThat(queue.path("QueueCreationTimestamp").asDouble()).isPositive();
        assertThat(queue.at("/StreamConfigurationList/0/StreamARN").asText())
                .isEqualTo(arnOf(stream));
        assertThat(queue.at("/StreamConfigurationList/0/StartingPosition/Timestamp").asDouble())
                .isPositive();
        assertThat(queue.path("QueueAttributes").toString())
                .isEqualTo(
                        "{\"VisibilityTimeoutSeconds\":30,\"DeadLetterConfiguration\":{\"TargetType\":\"BUILT_IN\",\"MaxReceiveCount\":6}}");
        assertThat(
                        call("ListTagsForResource", "{\"ResourceARN\":\"" + arn + "\"}")
                                .body()
                                .toString())
                .isEqualTo("{\"Tags\":[{\"Key\":\"team\",\"Value\":\"a\"}]}");
        assertThat(summary(stream).path("QueueCount").asInt()).isEqualTo(1);
    }

    @Test
    void updatesWhatIsGivenAndLeavesTheRest() throws Exception {
        String queue = queue(stream(1), "");
        Reply updated =
                call(
                        "UpdateQueue",
                        "{\"QueueARN\":\"%s\",\"QueueAttributes\":{\"VisibilityTimeoutSeconds\":0}}"
                                .formatted(queue));
        assertThat(updated.body().at("/QueueDescription/QueueStatus").asText())
                .isEqualTo("UPDATING");
        call(
                "UpdateQueue",
                "{\"QueueARN\":\"%s\",\"QueueAttributes\":{\"DeadLetterConfiguration\":{\"TargetType\":\"NONE\"}}}"
                        .formatted(queue));
        eventually(() ->
                assertThat(describe(queue).path("QueueAttributes").toString())
                        .isEqualTo(
                                "{\"VisibilityTimeoutSeconds\":0,\"DeadLetterConfiguration\":{\"TargetType\":\"NONE\"}}"));
    }

    @Test
    void listsQueuesByNameAndStream() throws Exception {
        String stream = stream(1);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String name = unique("listed-" + i);
            names.add(name);
            call("CreateQueue", "{\"QueueName\":\"%s\",%s}".formatted(name, on(stream)));
        }
        // Made last: who knows of it knows of all.
        queue(stream(1), "");
        String filter = "\"StreamFilter\":[{\"StreamARN\":\"" + arnOf(stream) + "\"}]";
        List<String> listed = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = call("ListQueues", "{\"MaxResults\":2," + filter + token + "}").body();
            page.path("QueueSummaries").forEach(q -> listed.add(q.path("QueueName").asText()));
            token =
                    page.has("NextToken")
                            ? ",\"NextToken\":\"" + page.path("NextToken").asText() + "\""
                            : "";
        } while (!token.isEmpty());

        assertThat(listed).isEqualTo(names);
        assertThat(
                        call("ListQueues", "{\"MaxResults\":10000}")
                                .body()
                                .path("QueueSummaries")
                                .size())
                .isGreaterThan(5);
        assertThat(
                        call(
                                        "ListQueues",
                                        "{\"StreamFilter\":[{\"StreamARN\":\"%s\",\"StreamCreationTimestamp\":1}]}"
                                                .formatted(arnOf(stream)))
                                .body()
                                .path("QueueSummaries"))
                .isEmpty();
        assertThat(call("ListQueues", "{\"NextToken\":\"x\"}").message())
                .isEqualTo("Invalid NextToken.");
        String ofQueues =
                call("ListQueues", "{\"MaxResults\":1}").body().path("NextToken").asText();
        assertThat(call("ListStreams", "{\"NextToken\":\"" + ofQueues + "\"}").message())
                .isEqualTo("Invalid NextToken.");
    }

    @Test
    void aQueueGoesAndItsStreamOnlyThen() throws Exception {
        String stream = stream(1);
        String queue = queue(stream, "");
        Reply refused =
                call(
                        "DeleteStream",
                        "{\"StreamName\":\"%s\",\"EnforceConsumerDeletion\":true}"
                                .formatted(stream));
        assertThat(refused.error()).isEqualTo("ResourceInUseException");
        assertThat(refused.message()).contains("has 1 queues. Delete them with DeleteQueue first.");

        put(stream, "a");
        JsonNode received = receive(queue, ALIVE).getFirst();
        assertThat(call("DeleteQueue", named(queue)).status()).isEqualTo(200);
        for (String operation : List.of("DescribeQueue", "DeleteQueue", "ReceiveQueueRecords")) {
            eventually(() -> {
                Reply gone = call(operation, named(queue));
                assertThat(gone.error()).isEqualTo("ResourceNotFoundException");
                assertThat(gone.message())
                        .isEqualTo("Queue " + queue + " under account 000000000000 not found.");
            });
        }
        assertThat(settle("AcknowledgeQueueRecords", queue, received, "").error())
                .isEqualTo("ResourceNotFoundException");
        assertThat(call("DeleteStream", "{\"StreamName\":\"" + stream + "\"}").status())
                .isEqualTo(200);
    }

    @Test
    void aNameIsTakenOnce() throws Exception {
        String stream = stream(1);
        String body = "{\"QueueName\":\"%s\",%s}".formatted(unique("once"), on(stream));
        assertThat(call("CreateQueue", body).status()).isEqualTo(200);
        Reply again = call("CreateQueue", body);
        assertThat(again.error()).isEqualTo("ResourceInUseException");
        assertThat(again.message()).endsWith(" under account 000000000000 already exists.");
    }

    @Test
    void saysWhatIsWrongInAmazonsWords() throws Exception {
        Map<String, String> wrong = new HashMap<>();
        wrong.put(
                "CreateQueue {}",
                "2 validation errors detected: Value null at 'queueName' failed to satisfy constraint: Member must not be null; Value null at 'streamConfigurationList' failed to satisfy constraint: Member must not be null");
        wrong.put(
                "ReceiveQueueRecords {\"QueueARN\":\"x\",\"Limit\":11,\"WaitTimeSeconds\":21,\"VisibilityTimeoutSeconds\":43201}",
                "4 validation errors detected: Value 'x' at 'queueARN' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\\d{12}:queue/\\S+; Value '11' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10; Value '21' at 'waitTimeSeconds' failed to satisfy constraint: Member must have value less than or equal to 20; Value '43201' at 'visibilityTimeoutSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200");
        String arn = "\"QueueARN\":\"arn:aws:kinesis:us-east-1:000000000000:queue/none\"";
        wrong.put(
                "AcknowledgeQueueRecords {" + arn + ",\"Entries\":[]}",
                "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1");
        wrong.put(
                "UpdateQueueRecordsVisibility {"
                        + arn
                        + ",\"Entries\":[{\"ReceiptHandle\":\"a\",\"VisibilityTimeoutSeconds\":-1},{}]}",
                "3 validation errors detected: Value '-1' at 'entries.1.member.visibilityTimeoutSeconds' failed to satisfy constraint: Member must have value greater than or equal to 0; Value null at 'entries.2.member.receiptHandle' failed to satisfy constraint: Member must not be null; Value null at 'entries.2.member.visibilityTimeoutSeconds' failed to satisfy constraint: Member must not be null");
        wrong.put(
                "UpdateQueue {" + arn + "}",
                "1 validation error detected: Value null at 'queueAttributes' failed to satisfy constraint: Member must not be null");
        String one = "{\"StreamARN\":\"" + arnOf("none") + "\"}";
        wrong.put(
                "CreateQueue {\"QueueName\":\"q\",\"StreamConfigurationList\":[%s,%s]}"
                        .formatted(one, one),
                "StreamConfigurationList must contain exactly one entry: a queue delivers records from a single stream.");
        wrong.put(
                "CreateQueue {\"QueueName\":\"q\",\"StreamConfigurationList\":[%s],\"QueueAttributes\":{\"DeadLetterConfiguration\":{\"TargetType\":\"BUILT_IN\"}}}"
                        .formatted(one),
                "MaxReceiveCount must be specified when TargetType is BUILT_IN.");
        wrong.put(
                "CreateQueue {\"QueueName\":\"q\",\"StreamConfigurationList\":[{\"StreamARN\":\"%s\",\"StartingPosition\":{\"Type\":\"LATEST\",\"Timestamp\":1}}]}"
                        .formatted(arnOf("none")),
                "Timestamp must be specified when the type of StartingPosition is AT_TIMESTAMP, and only then.");
        for (Map.Entry<String, String> entry : wrong.entrySet()) {
            String[] parts = entry.getKey().split(" ", 2);
            Reply reply = call(parts[0], parts[1]);
            assertThat(reply.error()).isEqualTo("ValidationException");
            assertThat(reply.message()).isEqualTo(entry.getValue());
        }
        assertThat(call("CreateQueue", "{\"QueueName\":\"q\"," + on("none") + "}").error())
                .isEqualTo("ResourceNotFoundException");
        assertThat(call("AcknowledgeQueueRecords", "{" + arn + ",\"Entries\":[1]}").error())
                .isEqualTo("SerializationException");
    }

    // --- receiving and settling

    @Test
    void deliversEachRecordOnceAndNeverAgainOnceAcknowledged() throws Exception {
        String stream = stream(3);
        String queue = queue(stream, "");
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            put(stream, "record-" + i);
            expected.add("record-" + i);
        }
        Set<String> ids = new HashSet<>();
        List<String> got = new ArrayList<>();
        while (got.size() < expected.size()) {
            List<JsonNode> received = receive(queue, ALIVE);
            assertThat(received).isNotEmpty().hasSizeLessThanOrEqualTo(10);
            for (JsonNode record : received) {
                got.add(data(record));
                assertThat(ids.add(record.path("RecordId").asText())).isTrue();
                assertThat(record.path("RecordId").asText()).matches("[a-z0-9]{1,64}");
                assertThat(record.path("PartitionKey").asText()).isEqualTo(data(record));
                assertThat(record.path("ReceiveCount").asInt()).isEqualTo(1);
                assertThat(record.path("ApproximateArrivalTimestamp").asDouble())
                        .isLessThanOrEqualTo(record.path("FirstReceiveTimestamp").asDouble() + 1);
                assertThat(record.path("ReceiptHandle").asText().length())
                        .isLessThanOrEqualTo(1024);
            }
            Reply done = settleAll("AcknowledgeQueueRecords", queue, received, "");
            assertThat(done.body().path("Successful").size()).isEqualTo(received.size());
            assertThat(done.body().path("Failed")).isEmpty();
        }
        assertThat(got).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(receiveNow(queue, ALIVE)).isEmpty();
        // The stream itself still has them, and other queues get their own.
        String other = queue(stream, "\"StartingPosition\":{\"Type\":\"TRIM_HORIZON\"}");
        assertThat(receive(other, ALIVE)).hasSize(10);
    }

    @Test
    void aRecordComesBackWhenItsTimeIsOver() throws Exception {
        String stream = stream(1);
        String queue = queue(stream, "");
        put(stream, "a");
        JsonNode first = receive(queue, ALIVE, "\"VisibilityTimeoutSeconds\":3").getFirst();
        assertThat(receiveNow(queue, ALIVE)).isEmpty();

        JsonNode second = receive(queue, ALIVE).getFirst();
        assertThat(data(second)).isEqualTo("a");
        assertThat(second.path("RecordId")).isEqualTo(first.path("RecordId"));
        assertThat(second.path("ReceiveCount").asInt()).isEqualTo(2);
        assertThat(second.path("FirstReceiveTimestamp"))
                .isEqualTo(first.path("FirstReceiveTimestamp"));
        Reply late = settle("AcknowledgeQueueRecords", queue, first, "");
        assertThat(late.body().at("/Failed/0/ErrorCode").asText())
                .isEqualTo("InvalidArgumentException");
        assertThat(late.body().at("/Failed/0/ErrorMessage").asText()).contains("has expired");
        assertThat(late.body().at("/Failed/0/ReceiptHandle"))
                .isEqualTo(first.path("ReceiptHandle"));
    }

    @Test
    void aReceiverMayTakeLongerOrGiveUp() throws Exception {
        String stream = stream(1);
        String queue = queue(stream, "");
        put(stream, "a");
        JsonNode record = receive(queue, ALIVE, "\"VisibilityTimeoutSeconds\":2").getFirst();
        String longer = ",\"VisibilityTimeoutSeconds\":43200";
        assertDone(settle("UpdateQueueRecordsVisibility", queue, record, longer));
        Thread.sleep(2_100); // The first time would be over.
        assertThat(receiveNow(queue, ALIVE)).isEmpty();

        String never = ",\"VisibilityTimeoutSeconds\":0";
        assertDone(settle("UpdateQueueRecordsVisibility", queue, record, never));
        assertThat(receive(queue, ALIVE)).hasSize(1);
        assertThat(
                        settle("UpdateQueueRecordsVisibility", queue, record, never)
                                .body()
                                .at("/Failed/0/ErrorCode")
                                .asText())
                .isEqualTo("InvalidArgumentException");
    }

    @Test
    void whatIsReceivedTooOftenIsADeadLetter() throws Exception {
        String stream = stream(1);
        String queue =
                queue(
                        stream,
                        "",
                        "\"QueueAttributes\":{\"VisibilityTimeoutSeconds\":0,\"DeadLetterConfiguration\":{\"TargetType\":\"BUILT_IN\",\"MaxReceiveCount\":2}}");
        put(stream, "poison");
        assertThat(receive(queue, ALIVE).getFirst().path("ReceiveCount").asInt()).isEqualTo(1);
        assertThat(receiveNow(queue, DEAD)).isEmpty();
        assertThat(receive(queue, ALIVE).getFirst().path("ReceiveCount").asInt()).isEqualTo(2);
        assertThat(receiveNow(queue, ALIVE)).isEmpty();

        JsonNode dead = receive(queue, DEAD, "\"VisibilityTimeoutSeconds\":60").getFirst();
        assertThat(data(dead)).isEqualTo("poison");
        assertThat(dead.path("ReceiveCount").asInt()).isEqualTo(2);
        assertThat(receiveNow(queue, DEAD)).isEmpty();
        assertThat(
                        settle("AcknowledgeQueueRecords", queue, dead, "")
                                .body()
                                .at("/Failed/0/ErrorMessage")
                                .asText())
                .isEqualTo("The record is a dead-letter record.");
        assertDone(
                settle(
                        "UpdateDeadLetterQueueRecordsVisibility",
                        queue,
                        dead,
                        ",\"VisibilityTimeoutSeconds\":0"));
        JsonNode again = receive(queue, DEAD, "\"VisibilityTimeoutSeconds\":60").getFirst();
        assertDone(settle("RestoreDeadLetterQueueRecords", queue, again, ""));

        JsonNode restored = receive(queue, ALIVE).getFirst();
        assertThat(restored.path("ReceiveCount").asInt()).isEqualTo(1);
        receive(queue, ALIVE);
        JsonNode last = receive(queue, DEAD, "\"VisibilityTimeoutSeconds\":60").getFirst();
        assertDone(settle("AcknowledgeDeadLetterQueueRecords", queue, last, ""));
        assertThat(receiveNow(queue, DEAD)).isEmpty();
        assertThat(receiveNow(queue, ALIVE)).isEmpty();
    }

    @Test
    void aReceiverWaitsForARecord() throws Exception {
        String stream = stream(2);
        String queue = queue(stream, "");
        receiveNow(queue, ALIVE);
        CompletableFuture<List<JsonNode>> waiting =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return receive(queue, ALIVE, "\"WaitTimeSeconds\":20");
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
        Thread.sleep(300); // It waits by now, or finds the record at once: both are right.
        long putAt = System.nanoTime();
        put(stream, "a");
        assertThat(waiting.get()).hasSize(1);
        assertThat(Duration.ofNanos(System.nanoTime() - putAt)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void handlesOfOthersAreNotTaken() throws Exception {
        String stream = stream(1);
        String mine = queue(stream, "");
        String other = queue(stream, "");
        put(stream, "a");
        JsonNode ofOther = receive(other, ALIVE).getFirst();
        JsonNode ofMine = receive(mine, ALIVE).getFirst();
        Reply reply =
                call(
                        "AcknowledgeQueueRecords",
                        "{\"QueueARN\":\"%s\",\"Entries\":[{\"ReceiptHandle\":\"made up\"},{\"ReceiptHandle\":\"%s\"},{\"ReceiptHandle\":\"%s\"}]}"
                                .formatted(
                                        mine,
                                        ofMine.path("ReceiptHandle").asText(),
                                        ofOther.path("ReceiptHandle").asText()));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body().path("Successful").size()).isEqualTo(1);
        assertThat(reply.body().path("Failed").size()).isEqualTo(2);
        assertThat(reply.body().at("/Failed/0/ErrorMessage").asText())
                .isEqualTo("The receipt handle is not one of this queue.");
    }

    // --- the stream beneath

    @Test
    void beginsWhereItIsTold() throws Exception {
        String stream = stream(2);
        put(stream, "old-1");
        put(stream, "old-2");
        Awaitility.await().until(() -> count(stream) == 2);
        Thread.sleep(20);
        double between = Instant.now().plusMillis(0).toEpochMilli() / 1000.0;
        Thread.sleep(20);
        String latest = queue(stream, "");
        String all = queue(stream, "\"StartingPosition\":{\"Type\":\"TRIM_HORIZON\"}");
        String since =
                queue(
                        stream,
                        "\"StartingPosition\":{\"Type\":\"AT_TIMESTAMP\",\"Timestamp\":%s}"
                                .formatted(between));
        put(stream, "new-1");
        put(stream, "new-2");

        assertThat(drain(latest, 2)).containsExactlyInAnyOrder("new-1", "new-2");
        assertThat(drain(since, 2)).containsExactlyInAnyOrder("new-1", "new-2");
        assertThat(drain(all, 4)).containsExactlyInAnyOrder("old-1", "old-2", "new-1", "new-2");
        assertThat(
                        describe(since)
                                .at("/StreamConfigurationList/0/StartingPosition/Timestamp")
                                .asDouble())
                .isEqualTo(between);
    }

    @Test
    void goesOnThroughAReshard() throws Exception {
        String stream = stream(2);
        String queue = queue(stream, "");
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            put(stream, "before-" + i);
            expected.add("before-" + i);
        }
        List<String> got = new ArrayList<>(drain(queue, 5));
        assertThat(
                        call(
                                        "UpdateShardCount",
                                        "{\"StreamName\":\"%s\",\"TargetShardCount\":4,\"ScalingType\":\"UNIFORM_SCALING\"}"
                                                .formatted(stream))
                                .status())
                .isEqualTo(200);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> summary(stream).path("OpenShardCount").asInt() == 4);
        for (int i = 0; i < 20; i++) {
            put(stream, "after-" + i);
            expected.add("after-" + i);
        }
        got.addAll(drain(queue, expected.size() - got.size()));
        assertThat(got).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(receiveNow(queue, ALIVE)).isEmpty();
    }

    @Test
    void deliversWhatIsEncryptedAsItWasPut() throws Exception {
        String stream = stream(1);
        call(
                "StartStreamEncryption",
                "{\"StreamName\":\"%s\",\"EncryptionType\":\"KMS\",\"KeyId\":\"%s\"}"
                        .formatted(stream, KinesisApiContract.ENCRYPTION_KEY));
        String queue = queue(stream, "");
        put(stream, "secret");
        assertThat(drain(queue, 1)).containsExactly("secret");
    }

    // --- resources

    @Test
    void hasTagsAndAPolicy() throws Exception {
        String queue = queue(stream(1), "");
        String resource = "\"ResourceARN\":\"" + queue + "\"";
        assertThat(
                        call("TagResource", "{" + resource + ",\"Tags\":{\"a\":\"1\",\"b\":\"2\"}}")
                                .status())
                .isEqualTo(200);
        call("UntagResource", "{" + resource + ",\"TagKeys\":[\"a\"]}");
        eventually(() ->
                assertThat(call("ListTagsForResource", "{" + resource + "}").body().toString())
                        .isEqualTo("{\"Tags\":[{\"Key\":\"b\",\"Value\":\"2\"}]}"));

        assertThat(call("GetResourcePolicy", "{" + resource + "}").error())
                .isEqualTo("ResourceNotFoundException");
        String policy =
                "{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"kinesis:ReceiveQueueRecords\\\",\\\"Resource\\\":\\\"%s\\\"}}"
                        .formatted(queue);
        assertThat(
                        call(
                                        "PutResourcePolicy",
                                        "{" + resource + ",\"Policy\":\"" + policy + "\"}")
                                .status())
                .isEqualTo(200);
        String now = "{\"QueueARN\":\"%s\",\"WaitTimeSeconds\":1}".formatted(queue);
        eventually(() -> {
            Reply denied = call("ReceiveQueueRecords", now);
            assertThat(denied.error()).isEqualTo("AccessDeniedException");
            assertThat(denied.message())
                    .contains("kinesis:ReceiveQueueRecords on resource: " + queue);
        });
        assertThat(call("DescribeQueue", named(queue)).status()).isEqualTo(200);
        call("DeleteResourcePolicy", "{" + resource + "}");
        eventually(() -> assertThat(call("ReceiveQueueRecords", now).status()).isEqualTo(200));
    }

    // --- calls

    private static void assertDone(Reply reply) {
        assertThat(reply.body().path("Failed")).isEmpty();
        assertThat(reply.body().path("Successful").size()).isEqualTo(1);
    }

    final Reply call(String operation, String body) throws Exception {
        return gateway().call(InMemoryGateway.CLIENT, operation, body);
    }

    /** Gateways follow one another's changes, each a moment later. */
    private static void eventually(ThrowingRunnable assertion) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(assertion);
    }

    final String stream(int shards) throws Exception {
        String name = unique("stream");
        call("CreateStream", "{\"StreamName\":\"%s\",\"ShardCount\":%d}".formatted(name, shards));
        // All gateways know of it.
        for (int i = 0; i < 4; i++) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> summary(name).path("StreamStatus").asText().equals("ACTIVE"));
        }
        return name;
    }

    final String queue(String stream, String position) throws Exception {
        return queue(stream, position, "");
    }

    private String queue(String stream, String position, String attributes) throws Exception {
        Reply created =
                call(
                        "CreateQueue",
                        "{\"QueueName\":\"%s\",\"StreamConfigurationList\":[{\"StreamARN\":\"%s\"%s}]%s}"
                                .formatted(
                                        unique("queue"),
                                        arnOf(stream),
                                        position.isEmpty() ? "" : "," + position,
                                        attributes.isEmpty() ? "" : "," + attributes));
        assertThat(created.status()).describedAs("%s", created.body()).isEqualTo(200);
        String arn = created.body().at("/QueueDescription/QueueARN").asText();
        describeEverywhere(arn);
        return arn;
    }

    /** Once all gateways know of it. */
    private JsonNode describeEverywhere(String queue) throws Exception {
        for (int i = 0; i < 4; i++) {
            eventually(
                    () -> assertThat(call("DescribeQueue", named(queue)).status()).isEqualTo(200));
        }
        return describe(queue);
    }

    private JsonNode describe(String queue) throws Exception {
        return call("DescribeQueue", named(queue)).body().path("QueueDescription");
    }

    private JsonNode summary(String stream) throws Exception {
        return call("DescribeStreamSummary", "{\"StreamName\":\"" + stream + "\"}")
                .body()
                .path("StreamDescriptionSummary");
    }

    /** Each record is its own partition key. */
    final void put(String stream, String data) throws Exception {
        Reply reply =
                call(
                        "PutRecord",
                        "{\"StreamName\":\"%s\",\"PartitionKey\":\"%s\",\"Data\":\"%s\"}"
                                .formatted(
                                        stream,
                                        data,
                                        Base64.getEncoder()
                                                .encodeToString(
                                                        data.getBytes(StandardCharsets.UTF_8))));
        assertThat(reply.status()).describedAs("%s", reply.body()).isEqualTo(200);
    }

    private long count(String stream) throws Exception {
        JsonNode shards = call("ListShards", "{\"StreamName\":\"" + stream + "\"}").body();
        long count = 0;
        for (JsonNode shard : shards.path("Shards")) {
            String iterator =
                    call(
                                    "GetShardIterator",
                                    "{\"StreamName\":\"%s\",\"ShardId\":\"%s\",\"ShardIteratorType\":\"TRIM_HORIZON\"}"
                                            .formatted(stream, shard.path("ShardId").asText()))
                            .body()
                            .path("ShardIterator")
                            .asText();
            count +=
                    call("GetRecords", "{\"ShardIterator\":\"" + iterator + "\"}")
                            .body()
                            .path("Records")
                            .size();
        }
        return count;
    }

    final List<JsonNode> receive(String queue, String kind) throws Exception {
        return receive(queue, kind, "\"WaitTimeSeconds\":20");
    }

    private List<JsonNode> receiveNow(String queue, String kind) throws Exception {
        return receive(queue, kind, "\"WaitTimeSeconds\":1");
    }

    private List<JsonNode> receive(String queue, String kind, String more) throws Exception {
        Reply reply =
                call(
                        "Receive" + kind + "QueueRecords",
                        "{\"QueueARN\":\"%s\",%s}".formatted(queue, more));
        assertThat(reply.status()).describedAs("%s", reply.body()).isEqualTo(200);
        List<JsonNode> records = new ArrayList<>();
        reply.body().path("QueueRecords").forEach(records::add);
        return records;
    }

    /** Receives and acknowledges so many. */
    final List<String> drain(String queue, int count) throws Exception {
        List<String> data = new ArrayList<>();
        while (data.size() < count) {
            List<JsonNode> received =
                    receive(
                            queue,
                            ALIVE,
                            "\"WaitTimeSeconds\":20,\"Limit\":"
                                    + Math.min(10, count - data.size()));
            assertThat(received).isNotEmpty();
            received.forEach(record -> data.add(data(record)));
            assertThat(
                            settleAll("AcknowledgeQueueRecords", queue, received, "")
                                    .body()
                                    .path("Failed"))
                    .isEmpty();
        }
        return data;
    }

    private Reply settle(String operation, String queue, JsonNode record, String more)
            throws Exception {
        return settleAll(operation, queue, List.of(record), more);
    }

    final Reply settleAll(String operation, String queue, List<JsonNode> records, String more)
            throws Exception {
        List<String> entries = new ArrayList<>();
        records.forEach(record ->
                entries.add(
                        "{\"ReceiptHandle\":\"%s\"%s}"
                                .formatted(record.path("ReceiptHandle").asText(), more)));
        return call(
                operation,
                "{\"QueueARN\":\"%s\",\"Entries\":[%s]}"
                        .formatted(queue, String.join(",", entries)));
    }

    static String data(JsonNode record) {
        return new String(
                Base64.getDecoder().decode(record.path("Data").asText()), StandardCharsets.UTF_8);
    }

    private static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID();
    }

    private static String arnOf(String stream) {
        return "arn:aws:kinesis:us-east-1:000000000000:stream/" + stream;
    }

    private static String on(String stream) {
        return "\"StreamConfigurationList\":[{\"StreamARN\":\"" + arnOf(stream) + "\"}]";
    }

    private static String named(String queue) {
        return "{\"QueueARN\":\"" + queue + "\"}";
    }
}
