/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.GivingUp;
import dev.millrace.delivery.batch.OffsetSet;
import dev.millrace.delivery.batch.Payload;
import dev.millrace.delivery.batch.SealedBatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of documents when the cluster takes some of them, or none. */
class SearchDestinationTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<List<String>> requests = new ArrayList<>();
    private final List<ErrorLine> errors = new ArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private Function<List<String>, Integer> httpStatus = _ -> 200;
    private Function<String, Integer> itemStatus = _ -> 201;
    private HttpServer server;
    private GivingUp destination;

    @BeforeEach
    void startCluster() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/_bulk",
                exchange -> {
                    List<String> lines =
                            new String(
                                            exchange.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8)
                                    .lines()
                                    .toList();
                    List<String> documents = new ArrayList<>();
                    StringBuilder items = new StringBuilder();
                    for (int i = 1; i < lines.size(); i += 2) {
                        documents.add(lines.get(i));
                        items.append(items.isEmpty() ? "" : ",")
                                .append("{\"index\":{\"status\":")
                                .append(itemStatus.apply(lines.get(i)))
                                .append(",\"error\":{\"type\":\"t\",\"reason\":\"r\"}}}");
                    }
                    requests.add(documents);
                    byte[] body =
                            ("{\"errors\":true,\"items\":[" + items + "]}")
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(httpStatus.apply(documents), body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        SearchDestination search =
                new SearchDestination(
                        new SearchSettings(
                                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                                Optional.empty(),
                                Optional.empty(),
                                "logs",
                                SearchSettings.Rotation.ONE_DAY,
                                Optional.empty(),
                                true));
        destination =
                new GivingUp(
                        search,
                        (_, _, lines) -> errors.addAll(lines),
                        Duration.ofSeconds(300),
                        now::get);
    }

    @AfterEach
    void stopCluster() {
        destination.close();
        server.stop(0);
    }

    @Test
    void sendsAgainOnlyWhatWasNotTaken() throws Exception {
        itemStatus = document -> document.contains("2") ? 429 : 201;
        assertThatThrownBy(() -> destination.deliver(batch("{\"n\":1}", "{\"n\":2}", "{\"n\":3}")))
                .isInstanceOfSatisfying(
                        DeliveryException.class, e -> assertThat(e.code()).isEqualTo("429"));
        itemStatus = _ -> 201;
        destination.deliver(batch("{\"n\":1}", "{\"n\":2}", "{\"n\":3}"));
        assertThat(requests)
                .containsExactly(
                        List.of("{\"n\":1}", "{\"n\":2}", "{\"n\":3}"), List.of("{\"n\":2}"));
        assertThat(errors).isEmpty();
    }

    @Test
    void writesWhatIsRefusedToTheErrorOutputAndGoesOn() throws Exception {
        itemStatus = document -> document.contains("2") ? 400 : 201;
        destination.deliver(batch("{\"n\":1}", "{\"n\":2}", "\n"));
        assertThat(errors).hasSize(2);
        JsonNode line = JSON.readTree(errors.getFirst().bytes());
        assertThat(line.path("errorCode").asText()).isEqualTo("400");
        assertThat(line.path("errorMessage").asText()).isEqualTo("t: r");
        assertThat(line.path("esIndexName").asText()).isEqualTo("logs-1970-01-01");
        assertThat(errors.getLast().message()).contains("no JSON");
    }

    @Test
    void givesUpWhenTheTimeIsOver() throws Exception {
        httpStatus = _ -> 503;
        assertThatThrownBy(() -> destination.deliver(batch("{\"n\":1}")))
                .isInstanceOf(DeliveryException.class);
        now.set(now.get().plusSeconds(299));
        assertThatThrownBy(() -> destination.deliver(batch("{\"n\":1}")))
                .isInstanceOf(DeliveryException.class);
        assertThat(errors).isEmpty();
        now.set(now.get().plusSeconds(1));
        destination.deliver(batch("{\"n\":1}"));
        assertThat(errors).singleElement().satisfies(e -> assertThat(e.attempts()).isEqualTo(3));
    }

    @Test
    void halvesRequestsThatAreTooLarge() throws Exception {
        httpStatus = documents -> documents.size() > 1 || documents.contains("{}") ? 413 : 200;
        destination.deliver(batch("{\"n\":1}", "{\"n\":2}", "{}", "{\"n\":4}"));
        assertThat(errors).singleElement().satisfies(e -> assertThat(e.code()).isEqualTo("413"));
        assertThat(requests).contains(List.of("{\"n\":4}"));
    }

    @ParameterizedTest
    @CsvSource({
        "NoRotation, logs",
        "OneHour, logs-2016-02-25-13",
        "OneDay, logs-2016-02-25",
        "OneWeek, logs-2016-w09",
        "OneMonth, logs-2016-02",
    })
    void rotatesIndexes(String rotation, String index) {
        assertThat(
                        "logs"
                                + SearchSettings.Rotation.parse(rotation)
                                        .suffix(Instant.parse("2016-02-25T13:00:00Z")))
                .isEqualTo(index);
    }

    private SealedBatch batch(String... documents) {
        Payload payload = new Payload(new byte[0]);
        OffsetSet.Builder offsets = new OffsetSet.Builder();
        for (int i = 0; i < documents.length; i++) {
            offsets.add(i);
            payload.append(i, 0, Instant.EPOCH, documents[i].getBytes(StandardCharsets.UTF_8));
        }
        BatchId id = new BatchId(new UUID(1, 2));
        return new SealedBatch(
                new BatchDescriptor(
                        id,
                        0,
                        BufferKey.Data.ALL,
                        Map.of(0, offsets.build()),
                        destination.nameOf(BufferKey.Data.ALL, Instant.EPOCH, id),
                        Instant.EPOCH,
                        BatchDescriptor.State.SEALED),
                payload);
    }
}
