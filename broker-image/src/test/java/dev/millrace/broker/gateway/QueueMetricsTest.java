/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Prometheus hears of queues. */
@Timeout(60)
class QueueMetricsTest {

    private static final String LABELS = "{queue_name=\"work\",stream_name=\"orders\"} ";

    private final InMemoryGateway gateway = new InMemoryGateway();

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void countsWhatIsReceivedAndTellsHowTheQueueStands() throws Exception {
        call("CreateStream", "{\"StreamName\":\"orders\",\"ShardCount\":1}");
        Awaitility.await().until(() -> put("one").status() == 200);
        String queue =
                call(
                                "CreateQueue",
                                "{\"QueueName\":\"work\",\"StreamConfigurationList\":[{\"StreamARN\":\"arn:aws:kinesis:us-east-1:000000000000:stream/orders\",\"StartingPosition\":{\"Type\":\"TRIM_HORIZON\"}}],\"QueueAttributes\":{\"VisibilityTimeoutSeconds\":60,\"DeadLetterConfiguration\":{\"TargetType\":\"BUILT_IN\",\"MaxReceiveCount\":1}}}")
                        .body()
                        .at("/QueueDescription/QueueARN")
                        .asText();
        assertThat(scrape()).doesNotContain("receivequeuerecords_records_total{");
        put("twice");
        JsonNode first = receive(queue);
        JsonNode second = receive(queue);
        assertThat(scrape())
                .contains("kinesis_receivequeuerecords_success_total" + LABELS + "2.0")
                .contains("kinesis_receivequeuerecords_records_total" + LABELS + "2.0")
                // With a partition key of one letter each.
                .contains("kinesis_receivequeuerecords_bytes_total" + LABELS + "10.0")
                .contains("kinesis_queue_records_in_flight" + LABELS + "2.0")
                .contains("kinesis_queue_dead_letters" + LABELS + "0.0");

        settle("AcknowledgeQueueRecords", queue, first, "");
        settle("UpdateQueueRecordsVisibility", queue, second, ",\"VisibilityTimeoutSeconds\":0");
        settle("AcknowledgeQueueRecords", queue, "{\"ReceiptHandle\":\"none\"}");
        gateway.advance(Duration.ofSeconds(100));

        assertThat(scrape())
                .contains("kinesis_acknowledgequeuerecords_records_total" + LABELS + "1.0")
                .contains("kinesis_acknowledgequeuerecords_failed_records_total" + LABELS + "1.0")
                .contains("kinesis_queue_records_in_flight" + LABELS + "0.0")
                .contains("kinesis_queue_records_returned" + LABELS + "0.0")
                .contains("kinesis_queue_dead_letters" + LABELS + "1.0")
                .containsPattern(
                        "kinesis_queue_oldest_unsettled_record_age_seconds\\{[^}]*} 1\\d\\d\\.");

        call("DeleteQueue", "{\"QueueARN\":\"" + queue + "\"}");
        assertThat(scrape()).doesNotContain("queue_name=");
    }

    private JsonNode receive(String queue) throws Exception {
        return call(
                        "ReceiveQueueRecords",
                        "{\"QueueARN\":\"%s\",\"Limit\":1,\"WaitTimeSeconds\":20}".formatted(queue))
                .body()
                .at("/QueueRecords/0");
    }

    private SignedPost.Reply put(String data) throws Exception {
        return call(
                "PutRecord",
                "{\"StreamName\":\"orders\",\"PartitionKey\":\"k\",\"Data\":\"%s\"}"
                        .formatted(
                                java.util.Base64.getEncoder()
                                        .encodeToString(
                                                data.getBytes(
                                                        java.nio.charset.StandardCharsets.UTF_8))));
    }

    private void settle(String operation, String queue, JsonNode record, String more)
            throws Exception {
        settle(
                operation,
                queue,
                "{\"ReceiptHandle\":\"%s\"%s}"
                        .formatted(record.path("ReceiptHandle").asText(), more));
    }

    private void settle(String operation, String queue, String entry) throws Exception {
        assertThat(
                        call(
                                        operation,
                                        "{\"QueueARN\":\"%s\",\"Entries\":[%s]}"
                                                .formatted(queue, entry))
                                .status())
                .isEqualTo(200);
    }

    private SignedPost.Reply call(String operation, String body) throws Exception {
        return new SignedPost(gateway.port()).call(InMemoryGateway.CLIENT, operation, body);
    }

    private String scrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.getPrometheusRegistry().register(gateway.queueMetrics());
        return registry.scrape();
    }
}
