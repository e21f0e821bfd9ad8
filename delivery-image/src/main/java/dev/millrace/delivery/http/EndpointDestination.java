/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.zip.GZIPOutputStream;

/**
 * Posts batches as Firehose posts them to HTTP endpoints. A request has the same id however often
 * it is sent, by which the server can tell that it has it.
 */
public final class EndpointDestination implements RefusingDestination {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RECORDS_MAX = 10_000;
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    private static final int BATCHES_MAX = 10_000;
    private static final int OK = 200;
    private static final int TOO_LARGE = 413;
    private static final String INVALID_RESPONSE = "HttpEndpoint.InvalidResponseFromDestination";

    private final EndpointSettings settings;
    private final InstantSource clock;
    private final HttpConnection connection;

    /** How many requests of a batch are through, until it is settled. */
    private final ConcurrentMap<BatchId, Integer> through = new ConcurrentHashMap<>();

    public EndpointDestination(EndpointSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.connection =
                new HttpConnection(
                        "HttpEndpoint", settings.ca(), Duration.ofMinutes(3), ANSWER_BYTES_MAX);
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return id.toString();
    }

    @Override
    public String errorType() {
        return "http-endpoint-failed";
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        if (through.size() > BATCHES_MAX) {
            through.clear();
        }
        BatchId id = batch.descriptor().id();
        List<byte[]> records = new ArrayList<>(batch.payload().count());
        batch.payload().forEachRecord((_, _, _, data) -> records.add(data));
        int part = 0;
        for (int from = 0; from < records.size(); from += RECORDS_MAX) {
            if (part >= through.getOrDefault(id, 0)) {
                List<byte[]> some =
                        records.subList(from, Math.min(records.size(), from + RECORDS_MAX));
                post(requestId(id, part), some);
                through.put(id, part + 1);
            }
            part++;
        }
    }

    /** Of requests that are through nothing is left. */
    @Override
    public List<ErrorLine> undelivered(
            SealedBatch batch, DeliveryException why, int attempts, Instant now)
            throws DeliveryException {
        List<ErrorLine> all = RefusingDestination.super.undelivered(batch, why, attempts, now);
        int done = through.getOrDefault(batch.descriptor().id(), 0) * RECORDS_MAX;
        return all.subList(Math.min(done, all.size()), all.size());
    }

    @Override
    public void forget(BatchId id) {
        through.remove(id);
    }

    @Override
    public void close() {
        connection.close();
    }

    private static String requestId(BatchId id, int part) {
        return part == 0
                ? id.toString()
                : UUID.nameUUIDFromBytes((id + "." + part).getBytes(StandardCharsets.UTF_8))
                        .toString();
    }

    private void post(String requestId, List<byte[]> records) throws DeliveryException {
        HttpConnection.Answer answer =
                connection.post(settings.url(), headers(requestId), body(requestId, records));
        if (answer.status() == TOO_LARGE) {
            throw DeliveryException.permanent(
                    "HttpEndpoint.DestinationException", "The endpoint answered 413");
        }
        if (answer.status() != OK) {
            throw new DeliveryException(
                    "HttpEndpoint.DestinationException",
                    "The endpoint answered %d: %s".formatted(answer.status(), message(answer)));
        }
        if (!answer.contentType().toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw new DeliveryException(
                    INVALID_RESPONSE, "The answer's type is '" + answer.contentType() + "'");
        }
        JsonNode json;
        try {
            json = JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new DeliveryException(INVALID_RESPONSE, "The answer is no JSON", e);
        }
        if (!json.path("requestId").asText().equals(requestId)) {
            throw new DeliveryException(
                    INVALID_RESPONSE,
                    "The answer is to request '%s' and not to '%s'"
                            .formatted(json.path("requestId").asText(), requestId));
        }
        if (!json.path("timestamp").isNumber()) {
            throw new DeliveryException(INVALID_RESPONSE, "The answer's timestamp is no number");
        }
    }

    private static String message(HttpConnection.Answer answer) {
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        return text.length() > 500 ? text.substring(0, 500) : text;
    }

    private Map<String, String> headers(String requestId) throws DeliveryException {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("X-Amz-Firehose-Protocol-Version", "1.0");
        headers.put("X-Amz-Firehose-Request-Id", requestId);
        headers.put("X-Amz-Firehose-Source-Arn", settings.sourceArn());
        if (settings.gzip()) {
            headers.put("Content-Encoding", "gzip");
        }
        try {
            if (settings.accessKey().isPresent()) {
                headers.put(
                        "X-Amz-Firehose-Access-Key",
                        settings.accessKey().get().require("accessKey"));
            }
            if (!settings.commonAttributes().isEmpty()) {
                headers.put(
                        "X-Amz-Firehose-Common-Attributes",
                        JSON.writeValueAsString(
                                Map.of(
                                        "commonAttributes",
                                        new TreeMap<>(settings.commonAttributes()))));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write attributes", e);
        } catch (IOException e) {
            throw new DeliveryException("HttpEndpoint.NoCredentials", e.toString(), e);
        }
        return headers;
    }

    private byte[] body(String requestId, List<byte[]> records) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = settings.gzip() ? new GZIPOutputStream(bytes) : bytes;
                JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("requestId", requestId);
            json.writeNumberField("timestamp", clock.instant().toEpochMilli());
            json.writeArrayFieldStart("records");
            for (byte[] record : records) {
                json.writeStartObject();
                json.writeBinaryField("data", record);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot write a request", e);
        }
        return bytes.toByteArray();
    }
}
