/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.GivingUp;
import dev.millrace.delivery.secret.MountedSecret;
import dev.millrace.delivery.testing.Batches;
import dev.millrace.delivery.testing.Web;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Firehose's contract with HTTP endpoints, over a socket. */
class EndpointDestinationTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OK = "{\"requestId\":\"%s\",\"timestamp\":1}";

    @TempDir private Path secret;
    private final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<ErrorLine> errors = new ArrayList<>();
    private volatile Map<String, List<String>> headers = Map.of();
    private volatile Function<String, Web.Answer> answer = id -> Web.Answer.json(OK.formatted(id));
    private Web web;
    private GivingUp destination;

    @BeforeEach
    void startEndpoint() throws IOException {
        Files.writeString(secret.resolve("accessKey"), "s3cret");
        web = new Web(this::answer);
        InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_000L));
        destination =
                new GivingUp(
                        new EndpointDestination(
                                new EndpointSettings(
                                        web.url(),
                                        Optional.of(new MountedSecret(secret)),
                                        Optional.empty(),
                                        true,
                                        Map.of("env", "test"),
                                        "arn:x"),
                                clock),
                        (_, _, lines) -> errors.addAll(lines),
                        Duration.ofSeconds(300),
                        clock);
    }

    @AfterEach
    void stopEndpoint() {
        destination.close();
        web.close();
    }

    private Web.Answer answer(HttpExchange exchange, byte[] body) throws IOException {
        headers = Map.copyOf(exchange.getRequestHeaders());
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            JsonNode request = JSON.readTree(in);
            requests.add(request);
            return answer.apply(request.path("requestId").asText());
        }
    }

    @Test
    void postsAsFirehoseDoes() throws Exception {
        destination.deliver(Batches.of("b", "one", "two"));
        assertThat(requests)
                .singleElement()
                .hasToString(
                        "{\"requestId\":\"%s\",\"timestamp\":1700000000000,\"records\":[{\"data\":\"b25l\"},{\"data\":\"dHdv\"}]}"
                                .formatted(Batches.ID));
        assertThat(headers)
                .containsEntry("X-amz-firehose-protocol-version", List.of("1.0"))
                .containsEntry("X-amz-firehose-request-id", List.of(Batches.ID.toString()))
                .containsEntry("X-amz-firehose-source-arn", List.of("arn:x"))
                .containsEntry("X-amz-firehose-access-key", List.of("s3cret"))
                .containsEntry(
                        "X-amz-firehose-common-attributes",
                        List.of("{\"commonAttributes\":{\"env\":\"test\"}}"))
                .containsEntry("Content-encoding", List.of("gzip"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    201 | application/json | {"requestId":"%s","timestamp":1}   | DestinationException
                    302 | application/json | {}                                 | DestinationException
                    500 | text/plain       | broken                             | DestinationException
                    200 | text/plain       | {"requestId":"%s","timestamp":1}   | InvalidResponseFromDestination
                    200 | application/json | {"requestId":"x","timestamp":1}    | InvalidResponseFromDestination
                    200 | application/json | {"requestId":"%s","timestamp":"1"} | InvalidResponseFromDestination
                    200 | application/json | {                                  | InvalidResponseFromDestination
                    """)
    void triesAgainWithTheSameIdUntilTheAnswerIsRight(
            int status, String type, String body, String code) throws Exception {
        answer = id -> new Web.Answer(status, type, body.replace("%s", id));
        assertThatThrownBy(() -> destination.deliver(Batches.of("b", "one")))
                .isInstanceOfSatisfying(
                        DeliveryException.class,
                        e -> assertThat(e.code()).isEqualTo("HttpEndpoint." + code));
        answer = id -> Web.Answer.json(OK.formatted(id));
        destination.deliver(Batches.of("b", "one"));
        assertThat(requests)
                .extracting(request -> request.path("requestId").asText())
                .containsExactly(Batches.ID.toString(), Batches.ID.toString());
        assertThat(errors).isEmpty();
    }

    @Test
    void givesUpAtOnceWhatIsTooLarge() throws Exception {
        answer = _ -> new Web.Answer(413, "text/plain", "");
        destination.deliver(Batches.of("b", "one", "two"));
        assertThat(errors).hasSize(2).allMatch(e -> e.errorType().equals("http-endpoint-failed"));
    }

    @Test
    void sendsAgainOnlyRequestsThatAreNotThrough() throws Exception {
        String[] records = new String[10_001];
        java.util.Arrays.setAll(records, String::valueOf);
        answer =
                id ->
                        id.equals(Batches.ID.toString())
                                ? Web.Answer.json(OK.formatted(id))
                                : new Web.Answer(500, "text/plain", "");
        assertThatThrownBy(() -> destination.deliver(Batches.of("b", records)))
                .isInstanceOf(DeliveryException.class);
        answer = id -> Web.Answer.json(OK.formatted(id));
        destination.deliver(Batches.of("b", records));
        assertThat(requests)
                .extracting(request -> request.path("records").size())
                .containsExactly(10_000, 1, 1);
        assertThat(requests.get(1).path("requestId")).isEqualTo(requests.get(2).path("requestId"));
    }
}
