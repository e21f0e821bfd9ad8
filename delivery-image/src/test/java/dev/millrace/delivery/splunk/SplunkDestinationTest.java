/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.splunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.secret.MountedSecret;
import dev.millrace.delivery.testing.Batches;
import dev.millrace.delivery.testing.Web;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The collector's documented requests and answers, over a socket. */
class SplunkDestinationTest {

    @TempDir private Path secret;
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private volatile Web.Answer taken =
            Web.Answer.json("{\"text\":\"Success\",\"code\":0,\"ackId\":7}");
    private volatile int asksUntilAcknowledged = 2;
    private Web web;
    private SplunkDestination destination;

    @BeforeEach
    void startCollector() throws IOException {
        Files.writeString(secret.resolve("token"), "t0ken\n");
        web = new Web(this::answer);
        destination =
                new SplunkDestination(
                        new SplunkSettings(
                                web.url().resolve("/"),
                                false,
                                new MountedSecret(secret),
                                Optional.empty(),
                                Duration.ofSeconds(2)),
                        InstantSource.system());
    }

    @AfterEach
    void stopCollector() {
        destination.close();
        web.close();
    }

    private Web.Answer answer(HttpExchange exchange, byte[] body) {
        assertThat(exchange.getRequestHeaders().getFirst("Authorization"))
                .isEqualTo("Splunk t0ken");
        requests.add(exchange.getRequestURI() + " " + new String(body, StandardCharsets.UTF_8));
        if (exchange.getRequestURI().getPath().endsWith("/ack")) {
            return Web.Answer.json("{\"acks\":{\"7\":" + (--asksUntilAcknowledged <= 0) + "}}");
        }
        return taken;
    }

    @Test
    void waitsUntilTheIndexersHaveIt() throws Exception {
        destination.deliver(Batches.of("b", "one", "two\n"));
        String channel = "?channel=" + Batches.ID;
        assertThat(requests)
                .containsExactly(
                        "/services/collector/raw" + channel + " one\ntwo\n",
                        "/services/collector/ack" + channel + " {\"acks\":[7]}",
                        "/services/collector/ack" + channel + " {\"acks\":[7]}");
    }

    @Test
    void failsWithoutAnAcknowledgment() {
        asksUntilAcknowledged = Integer.MAX_VALUE;
        fails("Splunk.AckTimeout", false);
        taken = Web.Answer.json("{\"text\":\"Success\",\"code\":0}");
        fails("Splunk.DisabledAck", false);
    }

    @ParameterizedTest
    @CsvSource({
        "403, 4, Splunk.InvalidToken, false",
        "403, 1, Splunk.DisabledToken, false",
        "400, 6, Splunk.InvalidDataFormat, true",
        "400, 7, Splunk.InvalidIndex, false",
        "503, 9, Splunk.ServerError, false",
    })
    void saysWhatTheCollectorSays(int status, int code, String told, boolean permanent) {
        taken =
                new Web.Answer(
                        status, "application/json", "{\"text\":\"x\",\"code\":" + code + "}");
        fails(told, permanent);
    }

    private void fails(String code, boolean permanent) {
        assertThatThrownBy(() -> destination.deliver(Batches.of("b", "one")))
                .isInstanceOfSatisfying(
                        DeliveryException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(code);
                            assertThat(e.isPermanent()).isEqualTo(permanent);
                        });
    }
}
