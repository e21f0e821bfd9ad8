/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.splunk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.http.HttpConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/**
 * Posts each batch to Splunk's HTTP Event Collector, and waits until the indexers acknowledge it. A
 * batch whose acknowledgment does not come is sent again, and may then be there twice.
 */
public final class SplunkDestination implements RefusingDestination {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ASK_EVERY = Duration.ofMillis(500);
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final SplunkSettings settings;
    private final InstantSource clock;
    private final HttpConnection connection;

    public SplunkDestination(SplunkSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.connection =
                new HttpConnection(
                        "Splunk", settings.ca(), Duration.ofSeconds(60), ANSWER_BYTES_MAX);
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return id.toString();
    }

    @Override
    public String errorType() {
        return "splunk-failed";
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        if (batch.payload().count() == 0) {
            return;
        }
        String channel = batch.descriptor().id().toString();
        JsonNode answer = post(settings.events() ? "event" : "raw", channel, body(batch));
        if (!answer.path("ackId").isIntegralNumber()) {
            throw new DeliveryException(
                    "Splunk.DisabledAck",
                    "The token's indexer acknowledgment is disabled; it must be enabled");
        }
        awaitAcknowledgment(channel, answer.path("ackId").asLong());
    }

    @Override
    public void close() {
        connection.close();
    }

    private static byte[] body(SealedBatch batch) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        batch.payload()
                .forEachRecord((_, _, _, data) -> {
                    body.writeBytes(data);
                    if (data.length == 0 || data[data.length - 1] != '\n') {
                        body.write('\n');
                    }
                });
        return body.toByteArray();
    }

    private void awaitAcknowledgment(String channel, long ackId) throws DeliveryException {
        byte[] question = "{\"acks\":[%d]}".formatted(ackId).getBytes(StandardCharsets.UTF_8);
        Instant end = clock.instant().plus(settings.acknowledgment());
        while (clock.instant().isBefore(end)) {
            JsonNode acks = post("ack", channel, question).path("acks");
            if (acks.path(String.valueOf(ackId)).asBoolean()) {
                return;
            }
            try {
                Thread.sleep(ASK_EVERY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DeliveryException("Splunk.AckTimeout", "stopped", e);
            }
        }
        throw new DeliveryException(
                "Splunk.AckTimeout",
                "No acknowledgment came in " + settings.acknowledgment().toSeconds() + " s");
    }

    private JsonNode post(String what, String channel, byte[] body) throws DeliveryException {
        String endpoint = settings.endpoint().toString().replaceAll("/+$", "");
        URI url = URI.create(endpoint + "/services/collector/" + what + "?channel=" + channel);
        String token;
        try {
            token = settings.token().require("token");
        } catch (IOException e) {
            throw new DeliveryException("Splunk.InvalidToken", e.toString(), e);
        }
        HttpConnection.Answer answer =
                connection.post(
                        url,
                        Map.of(
                                "Authorization",
                                "Splunk " + token,
                                "X-Splunk-Request-Channel",
                                channel),
                        body);
        JsonNode json;
        try {
            json = JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new DeliveryException(
                    "Splunk.InvalidEndpoint", "HTTP %d, no JSON".formatted(answer.status()), e);
        }
        if (answer.status() != 200) {
            throw failure(answer.status(), json);
        }
        return json;
    }

    /** By the codes that Splunk documents for its collector. */
    private static DeliveryException failure(int status, JsonNode json) {
        int code = json.path("code").asInt(-1);
        String message = "HTTP %d, code %d: %s".formatted(status, code, json.path("text").asText());
        return switch (code) {
            case 1 -> new DeliveryException("Splunk.DisabledToken", message);
            case 2, 3, 4 -> new DeliveryException("Splunk.InvalidToken", message);
            case 5, 6, 12, 13, 15 ->
                    DeliveryException.permanent("Splunk.InvalidDataFormat", message);
            case 7 -> new DeliveryException("Splunk.InvalidIndex", message);
            case 14 -> new DeliveryException("Splunk.DisabledAck", message);
            default -> new DeliveryException("Splunk.ServerError", message);
        };
    }
}
