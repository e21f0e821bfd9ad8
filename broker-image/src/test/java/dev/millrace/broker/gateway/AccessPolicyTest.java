/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.gateway.SignedPost.Reply;
import dev.millrace.broker.policy.MalformedPolicyException;
import dev.millrace.broker.policy.Policy;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What keys with policies may and may not do, told as AWS does. */
@Timeout(60)
class AccessPolicyTest {

    private static final String ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/";
    private static final AccessKey ADMIN = InMemoryGateway.CLIENT;
    private static final AccessKey WRITER =
            key(
                    "writer",
                    """
                    {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
                     "Action": ["kinesis:PutRecord*", "kinesis:DescribeStreamSummary"],
                     "Resource": "arn:aws:kinesis:*:*:stream/orders*"}}\
                    """);
    private static final AccessKey READER =
            key(
                    "reader",
                    """
                    {"Version": "2012-10-17", "Statement": [
                     {"Effect": "Allow", "Action": ["kinesis:Get*", "kinesis:List*", "kinesis:Describe*"],
                      "Resource": "*"},
                     {"Effect": "Deny", "Action": "kinesis:*", "Resource": "*:stream/secret"}]}\
                    """);
    private static final AccessKey NOBODY =
            key(
                    "nobody",
                    "{\"Statement\": {\"Effect\": \"Deny\", \"NotAction\": \"kinesis:Put*\", \"Resource\": \"*\"}}");

    private static InMemoryGateway gateway;

    @BeforeAll
    static void startGateway() throws Exception {
        gateway = new InMemoryGateway(64L * 1024 * 1024, List.of(WRITER, READER, NOBODY));
        for (String stream : List.of("orders", "orders-eu", "clicks", "secret")) {
            call(ADMIN, "CreateStream", "{\"StreamName\":\"" + stream + "\",\"ShardCount\":1}");
            Awaitility.await().until(() -> put(ADMIN, stream).status() == 200);
        }
    }

    @AfterAll
    static void stopGateway() {
        gateway.close();
    }

    @BeforeEach
    void forgetPolicies() throws Exception {
        for (String stream : List.of("orders", "clicks")) {
            call(ADMIN, "DeleteResourcePolicy", "{\"ResourceARN\":\"" + ARN + stream + "\"}");
        }
    }

    @Test
    void aWriterWritesItsStreamsAndReadsNone() throws Exception {
        assertThat(put(WRITER, "orders").status()).isEqualTo(200);
        assertThat(put(WRITER, "orders-eu").status()).isEqualTo(200);

        assertDenied(
                put(WRITER, "clicks"),
                "User: arn:aws:iam::000000000000:user/writer is not authorized to perform:"
                        + " kinesis:PutRecord on resource: "
                        + ARN
                        + "clicks because no identity-based policy allows the kinesis:PutRecord"
                        + " action");
        assertDenied(iterator(WRITER, "orders"), "kinesis:GetShardIterator on resource: " + ARN);
        assertDenied(
                call(WRITER, "ListStreams", "{}"), "kinesis:ListStreams on resource: * because");
    }

    @Test
    void aReaderReadsWhatItIsNotDenied() throws Exception {
        Reply iterator = iterator(READER, "orders");
        assertThat(iterator.status()).isEqualTo(200);
        assertThat(read(READER, iterator).status()).isEqualTo(200);
        assertDenied(
                put(READER, "orders"), "kinesis:PutRecord on resource: " + ARN + "orders because");
        assertDenied(
                iterator(READER, "secret"), "with an explicit deny in an identity-based policy");
        assertDenied(
                read(READER, iterator(ADMIN, "secret")),
                "kinesis:GetRecords on resource: " + ARN + "secret with an explicit deny");
    }

    @Test
    void noFieldIsAWayAround() throws Exception {
        Reply byArn =
                call(
                        WRITER,
                        "PutRecord",
                        "{\"StreamARN\":\"arn:aws:kinesis:eu-west-1:123456789012:stream/clicks\",\"PartitionKey\":\"a\",\"Data\":\"\"}");
        Reply byBoth =
                call(
                        WRITER,
                        "PutRecord",
                        "{\"StreamName\":\"orders\",\"StreamName\":\"clicks\",\"PartitionKey\":\"a\",\"Data\":\"\"}");
        String id =
                call(ADMIN, "DescribeStreamSummary", "{\"StreamName\":\"clicks\"}")
                        .body()
                        .at("/StreamDescriptionSummary/StreamId")
                        .asText();
        Reply byId =
                call(
                        WRITER,
                        "PutRecords",
                        "{\"StreamId\":\"%s\",\"Records\":[{\"PartitionKey\":\"a\",\"Data\":\"\"}]}"
                                .formatted(id));
        Reply byToken =
                call(READER, "ListShards", "{\"NextToken\":\"%s\"}".formatted(nextToken("secret")));

        assertDenied(byArn, ARN + "clicks because");
        assertDenied(byBoth, ARN + "clicks because");
        assertDenied(byId, "kinesis:PutRecords on resource: " + ARN + "clicks because");
        assertDenied(byToken, "kinesis:ListShards on resource: " + ARN + "secret with an explicit");
    }

    @Test
    void aStreamsPolicyLetsInWhomNoOtherDoes() throws Exception {
        policy("clicks", "Allow", "arn:aws:iam::000000000000:user/writer", "kinesis:PutRecord");

        assertThat(put(WRITER, "clicks").status()).isEqualTo(200);
        assertThat(call(WRITER, "PutRecords", records("clicks")).error())
                .isEqualTo("AccessDeniedException");
        assertDenied(put(NOBODY, "clicks"), "because no identity-based policy allows");
    }

    @Test
    void aStreamsPolicyKeepsOutEvenThoseWithoutAPolicy() throws Exception {
        policy("orders", "Deny", "*", "kinesis:PutRecord");

        assertDenied(put(ADMIN, "orders"), "with an explicit deny in a resource-based policy");
        assertDenied(put(WRITER, "orders"), "with an explicit deny in a resource-based policy");
        assertThat(put(ADMIN, "clicks").status()).isEqualTo(200);
    }

    @Test
    void aPolicyComesBackAsItWas() throws Exception {
        policy("orders", "Allow", "000000000000", "kinesis:*");

        String policy =
                call(ADMIN, "GetResourcePolicy", "{\"ResourceARN\":\"" + ARN + "orders\"}")
                        .body()
                        .path("Policy")
                        .asText();
        Reply malformed =
                call(
                        ADMIN,
                        "PutResourcePolicy",
                        "{\"ResourceARN\":\"%sorders\",\"Policy\":\"{}\"}".formatted(ARN));

        assertThat(policy).contains("\"Principal\":{\"AWS\":\"000000000000\"}");
        assertThat(malformed.error()).isEqualTo("InvalidArgumentException");
        assertThat(malformed.message()).contains("it has no Statement");
    }

    @Test
    void denialsComeBeforeWhatElseIsWrong() throws Exception {
        assertThat(put(WRITER, "no-such-stream").error()).isEqualTo("AccessDeniedException");
        assertThat(put(WRITER, "orders-no-such").error()).isEqualTo("ResourceNotFoundException");
        assertThat(call(WRITER, "PutRecord", "{").error()).isEqualTo("SerializationException");
    }

    private static void policy(String stream, String effect, String principal, String action)
            throws Exception {
        String policy =
                "{'Version':'2012-10-17','Statement':[{'Effect':'%s','Principal':{'AWS':'%s'},'Action':'%s','Resource':'%s%s'}]}"
                        .formatted(effect, principal, action, ARN, stream)
                        .replace("'", "\\\"");
        Reply reply =
                call(
                        ADMIN,
                        "PutResourcePolicy",
                        "{\"ResourceARN\":\"%s%s\",\"Policy\":\"%s\"}"
                                .formatted(ARN, stream, policy));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static String nextToken(String stream) throws Exception {
        call(
                ADMIN,
                "UpdateShardCount",
                "{\"StreamName\":\"%s\",\"TargetShardCount\":2,\"ScalingType\":\"UNIFORM_SCALING\"}"
                        .formatted(stream));
        return Awaitility.await()
                .until(
                        () ->
                                call(
                                                ADMIN,
                                                "ListShards",
                                                "{\"StreamName\":\"%s\",\"MaxResults\":1}"
                                                        .formatted(stream))
                                        .body()
                                        .path("NextToken")
                                        .asText(),
                        token -> !token.isEmpty());
    }

    private static Reply put(AccessKey key, String stream) throws Exception {
        return call(
                key,
                "PutRecord",
                "{\"StreamName\":\"%s\",\"PartitionKey\":\"a\",\"Data\":\"\"}".formatted(stream));
    }

    private static String records(String stream) {
        return "{\"Records\":[{\"PartitionKey\":\"a\",\"Data\":\"\"}],\"StreamName\":\"%s\"}"
                .formatted(stream);
    }

    private static Reply iterator(AccessKey key, String stream) throws Exception {
        return call(
                key,
                "GetShardIterator",
                "{\"StreamName\":\"%s\",\"ShardId\":\"shardId-000000000000\",\"ShardIteratorType\":\"LATEST\"}"
                        .formatted(stream));
    }

    private static Reply read(AccessKey key, Reply iterator) throws Exception {
        return call(
                key,
                "GetRecords",
                "{\"ShardIterator\":\"%s\"}"
                        .formatted(iterator.body().path("ShardIterator").asText()));
    }

    private static void assertDenied(Reply reply, String message) {
        assertThat(reply.error()).as(reply.toString()).isEqualTo("AccessDeniedException");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.message()).contains(message);
    }

    private static AccessKey key(String user, String policy) {
        try {
            return new AccessKey(
                    "AKID" + user, "secret", Role.CLIENT, user, Policy.ofIdentity(policy));
        } catch (MalformedPolicyException e) {
            throw new AssertionError(e);
        }
    }

    private static Reply call(AccessKey key, String operation, String body) throws Exception {
        return new SignedPost(gateway.port()).call(key, operation, body);
    }
}
