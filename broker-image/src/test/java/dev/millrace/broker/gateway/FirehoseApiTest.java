/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.firehose.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.KinesisClient;

@TestInstance(Lifecycle.PER_CLASS)
class FirehoseApiTest extends FirehoseApiContract {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final InMemoryGateway gateway = new InMemoryGateway();
    private final FirehoseClient firehose = firehose(gateway.port());
    private final KinesisClient kinesis = KinesisApiContract.client(gateway.port());

    @AfterAll
    void close() {
        firehose.close();
        kinesis.close();
        gateway.close();
    }

    /** The operator says what a resource has, and the API changes a part of it. */
    @Test
    void anUpdateKeepsWhatOnlyTheResourceHas() throws Exception {
        apply(
                "firehose.of-a-resource",
                """
                {"source":{"type":"DirectPut"},
                 "destination":{"s3":{"bucket":"lake","endpoint":"http://store:9000","prefix":"a/","compression":"ZSTD",
                  "activePartitionsMax":7}},
                 "processing":{"processors":[{"type":"Jq","query":".a"}]}}
                """);
        firehose.updateDestination(r ->
                r.deliveryStreamName("of-a-resource")
                        .currentDeliveryStreamVersionId("1")
                        .destinationId("destinationId-000000000001")
                        .extendedS3DestinationUpdate(s3 -> s3.prefix("b/")));
        assertThat(delivery("firehose.of-a-resource"))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"source":{"type":"DirectPut"},
                                 "destination":{"s3":{"bucket":"lake","endpoint":"http://store:9000","prefix":"b/","compression":"ZSTD",
                                  "activePartitionsMax":7}},
                                 "processing":{"processors":[{"type":"Jq","query":".a"}]}}
                                """));
    }

    /** It is shown as what it is most like, and is not made that. */
    @Test
    void aDestinationOfTheResourceAloneCannotBeChanged() throws Exception {
        apply(
                "firehose.to-kafka",
                """
                {"source":{"type":"DirectPut"},"destination":{"kafka":{"bootstrapServers":"k:9092","topic":"t"}}}
                """);
        assertThatThrownBy(() ->
                        firehose.updateDestination(r ->
                                r.deliveryStreamName("to-kafka")
                                        .currentDeliveryStreamVersionId("1")
                                        .destinationId("destinationId-000000000001")
                                        .httpEndpointDestinationUpdate(h ->
                                                h.endpointConfiguration(e -> e.url("https://h/"))
                                                        .s3BackupMode("FailedDataOnly")
                                                        .s3Update(s3 ->
                                                                s3.roleARN(ROLE)
                                                                        .bucketARN(
                                                                                "arn:aws:s3:::raw")))))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("DeliveryStream resource");
    }

    private void apply(String stream, String spec) throws Exception {
        ObjectNode definition = JSON.createObjectNode();
        definition.set("spec", JSON.readTree(spec));
        definition.put("version", "1").putObject("tags");
        ObjectNode body =
                JSON.createObjectNode()
                        .put("StreamName", stream)
                        .put("OwnerUid", "u")
                        .put("ShardCount", 1)
                        .put("Delivery", definition.toString());
        assertThat(control("ApplyStream", body.toString()).path("StreamName").asText())
                .isEqualTo(stream);
        awaitActive(stream.substring("firehose.".length()));
    }

    private JsonNode delivery(String stream) throws Exception {
        for (JsonNode state : control("ListStreamStates", "{}").path("Streams")) {
            if (state.path("StreamName").asText().equals(stream)) {
                return JSON.readTree(state.path("Delivery").asText()).path("spec");
            }
        }
        throw new AssertionError("There is no stream " + stream);
    }

    private JsonNode control(String operation, String body) throws Exception {
        SignedPost.Reply reply =
                new SignedPost(gateway.port()).control(InMemoryGateway.OPERATOR, operation, body);
        assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
        return reply.body();
    }

    @Override
    FirehoseClient firehose() {
        return firehose;
    }

    @Override
    KinesisClient kinesis() {
        return kinesis;
    }
}
