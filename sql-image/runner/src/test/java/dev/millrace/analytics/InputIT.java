/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.analytics.testing.AggregatedRecord;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;

/** What records an application takes as rows, and what becomes of the others. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(600)
class InputIT {

    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void recordsThatAreNoRowsGoWhereTheyAreWanted(Pool pool, Trino trino) throws Exception {
        pool.createStream("errors-in", 2);
        pool.createStream("errors-out", 1);
        pool.createStream("errors-bad", 1);
        try (Running running =
                new Running.Builder(pool, trino, "errors")
                        .input(
                                "{\"name\": \"errors_in\", \"stream\": \"errors-in\", \"rowtime\": \"at\", \"columns\": ["
                                        + "{\"name\": \"id\", \"type\": \"integer\"}, {\"name\": \"at\", \"type\": \"timestamp(3)\"}]}")
                        .output("errors-out")
                        .malformed("errors-bad")
                        .start("INSERT INTO \"errors-out\" SELECT id FROM errors_in")) {
            pool.put(
                    "errors-in",
                    List.of(
                            "{\"id\": 1, \"at\": 1795428000000}",
                            "{\"id\": 2,",
                            "{\"id\": 3}",
                            "{\"id\": 99999999999, \"at\": 1795428000000}"));
            pool.client()
                    .putRecord(r ->
                            r.streamName("errors-in")
                                    .partitionKey("bytes")
                                    .data(SdkBytes.fromByteArray(new byte[] {(byte) 0xff, 0})));
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("errors-bad").size() == 3);
            // Too large a number for its column is a NULL in a row that is there.
            Awaitility.await()
                    .atMost(WITHIN)
                    .untilAsserted(() ->
                            assertThat(pool.records("errors-out"))
                                    .containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":null}"));
            assertThat(running.status().errorRows()).isEqualTo(3);
        }
        JsonNode broken = malformed(pool, "{\"id\": 2,");
        assertThat(broken.path("input").asText()).isEqualTo("errors_in");
        assertThat(broken.path("shardId").asText()).startsWith("shardId-");
        assertThat(broken.path("sequenceNumber").asText()).hasSize(56);
        assertThat(broken.path("reason").asText()).contains("Unexpected end-of-input");
        assertThat(broken.path("partitionKey").asText()).startsWith("key-");
        assertThat(malformed(pool, "{\"id\": 3}").path("reason").asText())
                .isEqualTo("It has no point in time as at");
        assertThat(pool.records("errors-bad"))
                .anySatisfy(record ->
                        assertThat(JSON.readTree(record).path("dataBase64").asText())
                                .isEqualTo("/wA="));
    }

    private static JsonNode malformed(Pool pool, String data) throws IOException {
        for (String record : pool.records("errors-bad")) {
            JsonNode node = JSON.readTree(record);
            if (node.path("data").asText().equals(data)) {
                return node;
            }
        }
        throw new AssertionError("Not among " + pool.records("errors-bad"));
    }

    /** Taken together, what came and was not taken back is what the windows hold. */
    @Test
    void resultsOfOpenWindowsComeEarlyAndAreTakenBack(Pool pool, Trino trino) throws Exception {
        pool.createStream("early-in", 1);
        pool.createStream("early-out", 1);
        try (Running _ =
                new Running.Builder(pool, trino, "early")
                        .input(
                                "{\"name\": \"early_in\", \"stream\": \"early-in\", \"rowtime\": \"at\", \"columns\": ["
                                        + "{\"name\": \"id\", \"type\": \"bigint\"}, {\"name\": \"at\", \"type\": \"timestamp(3)\"}]}")
                        .early("early-out", Duration.ofSeconds(1))
                        .start(
                                "INSERT INTO \"early-out\" SELECT window_start AS w, count(*) AS n, sum(id) AS s"
                                        + " FROM TABLE(TUMBLE(TABLE(early_in), DESCRIPTOR(at), INTERVAL '1' MINUTE)) GROUP BY window_start")) {
            pool.put("early-in", List.of(early(1, 1), early(2, 2)));
            Awaitility.await()
                    .atMost(WITHIN)
                    .untilAsserted(() ->
                            assertThat(pool.records("early-out"))
                                    .containsExactly(change("+I", 0, 2, 3)));
            pool.put("early-in", List.of(early(4, 3)));
            Awaitility.await()
                    .atMost(WITHIN)
                    .untilAsserted(() ->
                            assertThat(pool.records("early-out"))
                                    .containsExactly(
                                            change("+I", 0, 2, 3),
                                            change("-D", 0, 2, 3),
                                            change("+I", 0, 3, 7)));
            // The first window is closed as it was given; the second one is open.
            pool.put("early-in", List.of(early(8, 61)));
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("early-out").size() == 4);
            pool.put("early-in", List.of(early(16, 62), early(32, 130)));
            Awaitility.await()
                    .atMost(WITHIN)
                    .untilAsserted(() ->
                            assertThat(pool.records("early-out"))
                                    .hasSize(7)
                                    .contains(
                                            change("-D", 1, 1, 8),
                                            change("+I", 1, 2, 24),
                                            change("+I", 2, 1, 32)));
        }
    }

    private static String early(int id, int second) {
        return "{\"id\":%d,\"at\":%d}".formatted(id, 1_795_428_000_000L + second * 1_000L);
    }

    private static String change(String op, int minute, int count, int sum) {
        return "{\"op\":\"%s\",\"w\":\"2026-11-23T10:%02d:00.000Z\",\"n\":%d,\"s\":%d}"
                .formatted(op, minute, count, sum);
    }

    @Test
    void columnsThatNobodyDeclaredAreProposedOnceThereAreRecords(Pool pool, Trino trino)
            throws Exception {
        pool.createStream("unknown-in", 2);
        pool.createStream("unknown-out", 1);
        try (Running running =
                new Running.Builder(pool, trino, "unknown")
                        .unknown("unknown_in", "unknown-in")
                        .output("unknown-out")
                        .start("INSERT INTO \"unknown-out\" SELECT * FROM unknown_in")) {
            Awaitility.await()
                    .atMost(WITHIN)
                    .until(() ->
                            running.status()
                                    .problem()
                                    .filter(problem ->
                                            problem.message().contains("holds no record"))
                                    .isPresent());
            pool.put(
                    "unknown-in",
                    List.of(
                            "{\"id\": 1, \"to\": {\"city\": \"Bern\"}, \"at\": \"2026-11-23T10:00:00Z\"}",
                            "{\"id\": 2, \"price\": 2.5, \"at\": \"2026-11-23T10:00:01Z\"}"));
            Awaitility.await().atMost(WITHIN).until(() -> !proposals(running).isEmpty());
            JsonNode proposal = proposals(running).get(0);
            assertThat(proposal.path("input").asText()).isEqualTo("unknown_in");
            assertThat(proposal.path("records").asInt()).isEqualTo(2);
            assertThat(proposal.path("format").path("type").asText()).isEqualTo("JSON");
            assertThat(proposal.path("rowtime").asText()).isEqualTo("at");
            assertThat(proposal.path("columns").toString())
                    .contains("{\"name\":\"id\",\"type\":\"bigint\"}")
                    .contains(
                            "{\"name\":\"to_city\",\"type\":\"varchar\",\"path\":\"$['to']['city']\"}")
                    .contains("{\"name\":\"price\",\"type\":\"double\"}");
            assertThat(running.status().problem().orElseThrow().message())
                    .contains("id bigint", "at timestamp(3)", "columnDiscovery");
            assertThat(running.status().isReady()).isFalse();
        }
        assertThat(pool.records("unknown-out")).isEmpty();
    }

    private static JsonNode proposals(Running running) throws IOException {
        return JSON.readTree(running.status().json()).path("proposals");
    }

    @Test
    void avroAndAggregatedRecordsAreRows(Pool pool, Trino trino) throws Exception {
        String schema =
                "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"},"
                        + "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}}]}";
        pool.createStream("avro-in", 1);
        pool.createStream("avro-out", 1);
        pool.createStream("kpl-in", 1);
        try (Running _ =
                new Running.Builder(pool, trino, "avro")
                        .input(
                                "{\"name\": \"avro_in\", \"stream\": \"avro-in\", \"rowtime\": \"at\", \"format\": {\"type\": \"AVRO\", \"schema\": %s},"
                                                .formatted(schema)
                                        + "\"columns\": [{\"name\": \"id\", \"type\": \"bigint\"}, {\"name\": \"at\", \"type\": \"timestamp(3)\"}]}")
                        .input(
                                "{\"name\": \"kpl_in\", \"stream\": \"kpl-in\", \"columns\": [{\"name\": \"id\", \"type\": \"bigint\"}]}")
                        .output("avro-out")
                        .start(
                                "INSERT INTO \"avro-out\" SELECT id, at FROM avro_in; INSERT INTO \"avro-out\" SELECT id, _partition_key AS key FROM kpl_in")) {
            pool.client()
                    .putRecord(r ->
                            r.streamName("avro-in")
                                    .partitionKey("k")
                                    .data(SdkBytes.fromByteArray(avro(schema))));
            pool.client()
                    .putRecord(r ->
                            r.streamName("kpl-in")
                                    .partitionKey("k")
                                    .data(
                                            SdkBytes.fromByteArray(
                                                    AggregatedRecord.of(
                                                            "a",
                                                            "{\"id\":1}",
                                                            "b",
                                                            "{\"id\":2}"))));
            Awaitility.await()
                    .atMost(WITHIN)
                    .untilAsserted(() ->
                            assertThat(pool.records("avro-out"))
                                    .containsExactlyInAnyOrder(
                                            "{\"id\":7,\"at\":\"2026-11-23T10:00:00.000Z\"}",
                                            "{\"id\":1,\"key\":\"a\"}",
                                            "{\"id\":2,\"key\":\"b\"}"));
        }
    }

    private static byte[] avro(String schema) {
        Schema parsed = new Schema.Parser().parse(schema);
        GenericRecord order = new GenericData.Record(parsed);
        order.put("id", 7L);
        order.put("at", 1_795_428_000_000L);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        try {
            new GenericDatumWriter<GenericRecord>(parsed).write(order, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }
}
