/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.Output;
import dev.millrace.delivery.status.WorkerStatus;
import dev.millrace.delivery.status.WorkerStatus.Total;
import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant ARRIVAL = Instant.ofEpochSecond(1_565_382_027);

    @Test
    void deliversAsItIsWithoutProcessors() {
        assertThat(texts(run(List.of(), "abc"))).containsExactly("abc");
    }

    @Test
    void takesApartWhatKplPutTogether() throws Exception {
        assertThat(texts(run(List.of(), aggregated("one", "two", ""))))
                .containsExactly("one", "two", "");
        byte[] broken = aggregated("one", "two");
        broken[10] ^= 1;
        assertThat(run(List.of(), broken))
                .singleElement()
                .extracting(Output::data)
                .isEqualTo(broken);
    }

    /** Three records by two keys, one with a hash key of its own, by aws-kinesis-agg 1.2.3. */
    @Test
    void takesApartWhatAmazonsOwnLibraryPutTogether() {
        byte[] data =
                Base64.getDecoder()
                        .decode(
                                "84mawgoCazEKAmsyEgE1GgcIABoDb25lGgkIARAAGgN0d28aCggAGgZow6RsbG9jlExmuQhuABQXLGLZJ9BU");
        assertThat(texts(run(List.of(), data))).containsExactly("one", "two", "h\u00e4llo");
    }

    @Test
    void splitsJsonObjectsHoweverTheyAreSeparated() {
        List<Processor> split = List.of(new Processor.SplitJson());
        assertThat(texts(run(split, "{\"a\":1}{\"b\":{\"c\":[2]}}\n {\"d\":\"\u00e4\"}")))
                .containsExactly("{\"a\":1}", "{\"b\":{\"c\":[2]}}", "{\"d\":\"\u00e4\"}");
        assertThat(failure(run(split, "[1]")).path("errorCode").asText())
                .isEqualTo("DeAggregation.InvalidRecord");
    }

    @Test
    void splitsAtADelimiter() {
        List<Processor> split = List.of(new Processor.SplitAt(bytes("##")));
        assertThat(texts(run(split, "a##b#c####d##"))).containsExactly("a", "b#c", "d");
    }

    @Test
    void takesMessagesOutOfCloudWatchLogs() throws Exception {
        List<Processor> logs =
                List.of(new Processor.Decompression(), new Processor.CloudWatchLogs(true));
        String json =
                "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{\"message\":\"m1\"},{\"message\":\"m2\"}]}";
        assertThat(texts(run(logs, gzip(json)))).containsExactly("m1", "m2");
        assertThat(run(logs, gzip("{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[]}")))
                .isEmpty();
        List<Output> failed = run(logs, "no gzip");
        assertThat(failed.getFirst().key()).isEqualTo(new BufferKey.Failed("decompression-failed"));
    }

    @Test
    void changesRecordsByBuiltInProcessors() {
        List<Processor> chain =
                List.of(
                        new Processor.ParseCsv(List.of("id", "name", "secret"), ','),
                        new Processor.DropFields(List.of("secret")),
                        new Processor.RenameFields(Map.of("name", "full_name")),
                        new Processor.Filter(".id != \"2\""),
                        new Processor.Jq("{id: (.id | tonumber), full_name}"));
        assertThat(texts(run(chain, "1,\"Doe, \"\"J\"\"\",x\n")))
                .containsExactly("{\"id\":1,\"full_name\":\"Doe, \\\"J\\\"\"}");
        assertThat(run(chain, "2,b,c")).isEmpty();
        assertThat(failure(run(chain, "1,2")).path("errorMessage").asText())
                .isEqualTo("2 columns and not 3");
        assertThat(
                        texts(
                                run(
                                        List.of(
                                                new Processor.ParseRegex(
                                                        Pattern.compile(
                                                                "(?<host>\\S+) (?<code>\\d+)"))),
                                        "h 200")))
                .containsExactly("{\"host\":\"h\",\"code\":\"200\"}");
        assertThat(texts(run(List.of(new Processor.ParseKeyValue(" ", "=")), "a=1 b=x=y")))
                .containsExactly("{\"a\":\"1\",\"b\":\"x=y\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            textBlock =
                    """
                    {year: .time|strftime("%Y"), month: .time|strftime("%m")} @ {month=08, year=2019}
                    {day: .time|strftime("%d"), h: (.time|gmtime|mktime|todate)} @ {day=09, h=2019-08-09T20:20:27Z}
                    {y: .iso|fromdate|strftime("%j-%y-%b %e %a")} @ {y=001-26-Jan  1 Thu}
                    {y: .iso|strptime("%Y-%m-%dT%H:%M:%SZ")|mktime} @ {y=1767225600}
                    {c: .customer.id, "t": .type}             @ {c=7, t=web}
                    """)
    void partitionsByQueries(String query, String keys) {
        List<Output> outputs =
                run(
                        List.of(new Processor.MetadataExtraction(query)),
                        "{\"time\":1565382027,\"iso\":\"2026-01-01T00:00:00Z\",\"customer\":{\"x\":{},\"id\":7},\"type\":\"web\"}");
        assertThat(outputs.getFirst().key()).isInstanceOf(BufferKey.Data.class);
        assertThat(((BufferKey.Data) outputs.getFirst().key()).partitionKeys()).hasToString(keys);
    }

    @Test
    void readsPlainPathsWithoutJqAndTheSame() {
        assertThat(new PartitionKeys("{c: .customer.id, \"t\" : .type }").isFast()).isTrue();
        assertThat(new PartitionKeys("{c: .customer.id, t: (.type|ascii_downcase)}").isFast())
                .isFalse();
        assertThat(new PartitionKeys("{c: .a[0]}").isFast()).isFalse();
        for (String wrong :
                List.of(
                        "{\"type\":\"x\"}",
                        "{\"customer\":{\"id\":null},\"type\":\"x\"}",
                        "{",
                        "[]",
                        "{\"customer\":{\"id\":{}},\"type\":1}")) {
            for (String query :
                    List.of("{c: .customer.id, t: .type}", "{c: (.customer.id), t: (.type)}")) {
                List<Output> outputs = run(List.of(new Processor.MetadataExtraction(query)), wrong);
                assertThat(failure(outputs).path("errorCode").asText())
                        .as("%s of %s", query, wrong)
                        .isEqualTo("DynamicPartitioning.MetadataExtractionFailed");
            }
        }
    }

    @Test
    void rejectsQueriesThatCannotWork() {
        assertThatThrownBy(() -> run(List.of(new Processor.Jq("{")), "{}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no jq query");
        assertThatThrownBy(() -> run(List.of(new Processor.Jq(".a | frobnicate")), "{}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frobnicate");
    }

    @Test
    void writesErrorLinesAsFirehoseDoes() {
        List<Output> outputs = run(List.of(new Processor.Jq(".a")), "no json");
        assertThat(outputs.getFirst().key()).isEqualTo(new BufferKey.Failed("processing-failed"));
        JsonNode line = failure(outputs);
        assertThat(line.path("arrivalTimestamp").asLong()).isEqualTo(1_565_382_027_000L);
        assertThat(line.path("rawData").asText()).isEqualTo("bm8ganNvbg==");
        assertThat(line.path("attemptsMade").asInt()).isEqualTo(1);
        assertThat(new String(outputs.getFirst().data(), StandardCharsets.UTF_8)).endsWith("}\n");
    }

    @Test
    void backsUpWhatCameIn() {
        RecordProcessor processor =
                Processors.of(
                        List.of(new Processor.Filter("false")),
                        true,
                        InstantSource.fixed(ARRIVAL),
                        ProcessingListener.NONE);
        List<Output> outputs = processor.process(List.of(record(0, bytes("{}")))).getFirst();
        assertThat(outputs)
                .singleElement()
                .satisfies(output -> {
                    assertThat(output.lane()).isEqualTo(Output.BACKUP);
                    assertThat(output.key()).isEqualTo(new BufferKey.Backup());
                });
    }

    @Test
    void callsAFunctionWithLambdasContract() throws Exception {
        List<JsonNode> calls = new ArrayList<>();
        Function<JsonNode, String> function =
                call -> {
                    calls.add(call);
                    if (calls.size() == 1) {
                        return "500";
                    }
                    List<String> ids = new ArrayList<>();
                    call.path("records").forEach(r -> ids.add(r.path("recordId").asText()));
                    return """
                    {"records":[
                     {"recordId":"%s","result":"Ok","data":"b25l","metadata":{"partitionKeys":{"k":"v"}}},
                     {"recordId":"%s","result":"Dropped"},
                     {"recordId":"%s","result":"ProcessingFailed","data":""},
                     {"recordId":"%s","result":"Ok","data":"dHdv"},
                     {"recordId":"%s","result":"Ok","data":"dHdv"}]}
                    """
                            .formatted(ids.get(0), ids.get(1), ids.get(2), ids.get(4), ids.get(4));
                };
        WorkerStatus heard = new WorkerStatus("s", "u", InstantSource.fixed(ARRIVAL));
        try (Server server = new Server(function)) {
            RecordProcessor processor =
                    Processors.of(
                            List.of(
                                    new Processor.HttpFunction(
                                            server.url(),
                                            3,
                                            Duration.ofSeconds(5),
                                            Optional.of("t"))),
                            false,
                            InstantSource.fixed(ARRIVAL),
                            heard);
            List<SourceRecord> records = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                records.add(record(i, bytes("r" + i)));
            }
            List<List<Output>> outputs = processor.process(records);

            assertThat(outputs.get(0))
                    .singleElement()
                    .satisfies(output -> {
                        assertThat(output.data()).isEqualTo(bytes("one"));
                        assertThat(output.key()).isEqualTo(new BufferKey.Data(Map.of("k", "v")));
                    });
            assertThat(outputs.get(1)).isEmpty();
            assertThat(failure(outputs.get(2)).path("errorCode").asText())
                    .isEqualTo("Lambda.FunctionError");
            assertThat(failure(outputs.get(3)).path("errorCode").asText())
                    .isEqualTo("Lambda.MissingRecordId");
            assertThat(failure(outputs.get(4)).path("errorCode").asText())
                    .isEqualTo("Lambda.DuplicatedRecordId");
            JsonNode sent = calls.get(1).path("records").get(0);
            assertThat(sent.path("kinesisRecordMetadata").path("shardId").asText())
                    .isEqualTo("shardId-000000000000");
            assertThat(calls.get(0).path("records")).isEqualTo(calls.get(1).path("records"));
            assertThat(calls.get(0).path("invocationId"))
                    .isNotEqualTo(calls.get(1).path("invocationId"));
            assertThat(heard.total(Total.FUNCTION_CALLS)).isEqualTo(2);
            assertThat(heard.total(Total.FAILED_FUNCTION_CALLS)).isEqualTo(1);
            assertThat(heard.total(Total.PROCESSED_RECORDS)).isEqualTo(1);
            assertThat(heard.total(Total.PROCESSED_BYTES)).isEqualTo(2);
        }
    }

    @Test
    @Timeout(30)
    void aFunctionThatStopsInTheMiddleOfItsAnswerIsNotWaitedForWithoutEnd() throws Exception {
        try (Server server = new Server(_ -> "{}");
                FaultyHttp hanging = new FaultyHttp(server.url())) {
            hanging.set(new FaultyHttp.Fault.HangsInTheAnswer());
            List<Output> outputs =
                    run(
                            List.of(
                                    new Processor.HttpFunction(
                                            hanging.endpoint(),
                                            0,
                                            Duration.ofSeconds(1),
                                            Optional.empty())),
                            "x");
            assertThat(failure(outputs).path("errorMessage").asText())
                    .contains("no whole answer in 1 s");
        }
    }

    @Test
    void failsRecordsWhoseFunctionIsNotThere() throws Exception {
        try (Server server = new Server(_ -> "500")) {
            List<Output> outputs =
                    run(
                            List.of(
                                    new Processor.HttpFunction(
                                            server.url(),
                                            1,
                                            Duration.ofSeconds(5),
                                            Optional.empty())),
                            "x");
            assertThat(failure(outputs).path("errorMessage").asText()).contains("answered 500");
        }
    }

    private record Server(HttpServer server) implements AutoCloseable {
        Server(Function<JsonNode, String> function) throws IOException {
            this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            server.createContext(
                    "/",
                    exchange -> {
                        String answer = function.apply(JSON.readTree(exchange.getRequestBody()));
                        byte[] body = bytes(answer);
                        exchange.sendResponseHeaders(answer.equals("500") ? 500 : 200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
            server.start();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/f");
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static List<Output> run(List<Processor> processors, String data) {
        return run(processors, bytes(data));
    }

    private static List<Output> run(List<Processor> processors, byte[] data) {
        return Processors.of(
                        processors, false, InstantSource.fixed(ARRIVAL), ProcessingListener.NONE)
                .process(List.of(record(3, data)))
                .getFirst();
    }

    private static SourceRecord record(long offset, byte[] data) {
        return new SourceRecord(new SequenceNumber(new ShardId(0), offset), ARRIVAL, "pk", data);
    }

    private static List<String> texts(List<Output> outputs) {
        return outputs.stream().map(o -> new String(o.data(), StandardCharsets.UTF_8)).toList();
    }

    private static JsonNode failure(List<Output> outputs) {
        assertThat(outputs).hasSize(1);
        assertThat(outputs.getFirst().key()).isInstanceOf(BufferKey.Failed.class);
        try {
            return JSON.readTree(outputs.getFirst().data());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] aggregated(String... records) throws Exception {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {0x0a, 1, 'k'});
        for (String record : records) {
            byte[] data = bytes(record);
            ByteArrayOutputStream inner = new ByteArrayOutputStream();
            inner.writeBytes(new byte[] {0x08, 0, 0x1a, (byte) data.length});
            inner.writeBytes(data);
            message.write(0x1a);
            message.write(inner.size());
            message.writeBytes(inner.toByteArray());
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(new byte[] {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2});
        all.writeBytes(message.toByteArray());
        all.writeBytes(MessageDigest.getInstance("MD5").digest(message.toByteArray()));
        return all.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(bytes(text));
        }
        return bytes.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
