/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.http.HttpConnection;
import dev.millrace.delivery.secret.MountedSecret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes each record as a document, by {@code _bulk} requests whose answers are read item by item:
 * what is in stays in, what is refused for good is an error, and only the rest is tried again.
 *
 * <p>A batch's documents all go into the index that its descriptor names, with ids that follow from
 * the batch and the record, so that a batch that is delivered twice writes over itself.
 */
public final class SearchDestination implements RefusingDestination {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int REQUEST_BYTES_MAX = 8 << 20;
    private static final int ANSWER_BYTES_MAX = 64 << 20;
    private static final int BATCHES_MAX = 10_000;
    private static final int TOO_LARGE = 413;

    /** A document on its way. */
    private record Document(String id, long arrivalMillis, byte[] data) {}

    /** What became of a document. */
    private sealed interface Fate {
        record Indexed() implements Fate {}

        record Refused(String code, String message) implements Fate {}
    }

    private final SearchSettings settings;
    private final HttpConnection connection;
    private final URI bulk;

    /** What is known of batches that are not settled: the fates of documents by their ids. */
    private final ConcurrentMap<BatchId, Map<String, Fate>> fates = new ConcurrentHashMap<>();

    public SearchDestination(SearchSettings settings) {
        this.settings = settings;
        this.connection =
                new HttpConnection(
                        "OpenSearch", settings.ca(), Duration.ofSeconds(60), ANSWER_BYTES_MAX);
        String endpoint = settings.endpoint().toString();
        this.bulk = URI.create(endpoint + (endpoint.endsWith("/") ? "_bulk" : "/_bulk"));
    }

    /** The index. */
    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return settings.index() + settings.rotation().suffix(oldestArrival);
    }

    @Override
    public String errorType() {
        return "AmazonOpenSearchService-failed";
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        if (fates.size() > BATCHES_MAX) {
            fates.clear();
        }
        Map<String, Fate> known =
                fates.computeIfAbsent(batch.descriptor().id(), _ -> new HashMap<>());
        Attempt attempt = new Attempt(batch.descriptor().name(), known);
        List<Document> request = new ArrayList<>();
        long bytes = 0;
        for (Document document : documents(batch)) {
            if (known.containsKey(document.id())) {
                continue;
            }
            if (!request.isEmpty() && bytes + document.data().length > REQUEST_BYTES_MAX) {
                attempt.send(request);
                request = new ArrayList<>();
                bytes = 0;
            }
            request.add(document);
            bytes += document.data().length;
        }
        attempt.send(request);
        attempt.finish();
    }

    @Override
    public List<ErrorLine> undelivered(
            SealedBatch batch, DeliveryException why, int attempts, Instant now) {
        Map<String, Fate> known = fates.getOrDefault(batch.descriptor().id(), Map.of());
        List<ErrorLine> lines = new ArrayList<>();
        for (Document document : documents(batch)) {
            switch (known.get(document.id())) {
                case Fate.Indexed _ -> {
                    // It is there.
                }
                case Fate.Refused(String code, String message) ->
                        lines.add(line(batch, document, code, message, attempts, now));
                case null ->
                        lines.add(
                                line(
                                        batch,
                                        document,
                                        why.code(),
                                        String.valueOf(why.getMessage()),
                                        attempts,
                                        now));
            }
        }
        return lines;
    }

    @Override
    public void forget(BatchId id) {
        fates.remove(id);
    }

    @Override
    public void close() {
        connection.close();
    }

    private ErrorLine line(
            SealedBatch batch,
            Document document,
            String code,
            String message,
            int attempts,
            Instant now) {
        Map<String, String> more = new LinkedHashMap<>();
        more.put("esDocumentId", settings.documentIds() ? document.id() : "");
        more.put("esIndexName", batch.descriptor().name());
        more.put("esTypeName", settings.typeName().orElse(""));
        return new ErrorLine(
                errorType(),
                attempts,
                Instant.ofEpochMilli(document.arrivalMillis()),
                code,
                message,
                now,
                document.data(),
                more);
    }

    private static List<Document> documents(SealedBatch batch) {
        List<Document> documents = new ArrayList<>();
        String prefix = batch.descriptor().id() + "-";
        batch.payload()
                .forEachRecord((offset, lane, arrival, data) ->
                        documents.add(
                                new Document(
                                        prefix + offset + (lane == 0 ? "" : "-" + lane),
                                        arrival,
                                        data)));
        return documents;
    }

    private Map<String, String> headers() throws DeliveryException {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/x-ndjson");
        if (settings.credentials().isEmpty()) {
            return headers;
        }
        MountedSecret secret = settings.credentials().get();
        try {
            Optional<String> apiKey = secret.get("apiKey");
            if (apiKey.isPresent()) {
                headers.put("Authorization", "ApiKey " + apiKey.get());
            } else {
                String login = secret.require("username") + ":" + secret.require("password");
                headers.put(
                        "Authorization",
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString(login.getBytes(StandardCharsets.UTF_8)));
            }
            return headers;
        } catch (IOException e) {
            throw new DeliveryException("OpenSearch.NoCredentials", e.toString(), e);
        }
    }

    /** One try of what is left of a batch. */
    private final class Attempt {
        private final String index;
        private final Map<String, Fate> known;
        private int waiting;
        private @Nullable DeliveryException last;

        Attempt(String index, Map<String, Fate> known) {
            this.index = index;
            this.known = known;
        }

        /** Sends documents, in halves where they are too many for the cluster. */
        void send(List<Document> documents) throws DeliveryException {
            List<Document> good = new ArrayList<>();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (Document document : documents) {
                write(document, body).ifPresent(good::add);
            }
            if (good.isEmpty()) {
                return;
            }
            HttpConnection.Answer answer = connection.post(bulk, headers(), body.toByteArray());
            if (answer.status() == TOO_LARGE && good.size() > 1) {
                send(good.subList(0, good.size() / 2));
                send(good.subList(good.size() / 2, good.size()));
            } else if (answer.status() == TOO_LARGE) {
                refuse(good.getFirst(), "413", "The document is too large for the cluster");
            } else if (answer.status() != 200) {
                throw new DeliveryException(
                        String.valueOf(answer.status()), shortened(answer.body()));
            } else {
                read(good, answer.body());
            }
        }

        void finish() throws DeliveryException {
            if (last != null) {
                throw new DeliveryException(
                        last.code(),
                        "%d documents wait: %s".formatted(waiting, last.getMessage()),
                        last);
            }
            long refused =
                    known.values().stream().filter(fate -> fate instanceof Fate.Refused).count();
            if (refused > 0) {
                throw DeliveryException.permanent(
                        "OpenSearch.DocumentsRefused", refused + " documents were refused");
            }
        }

        private Optional<Document> write(Document document, ByteArrayOutputStream body) {
            byte[] source;
            try {
                source = oneLine(document.data());
            } catch (IOException e) {
                refuse(document, "400", "no JSON: " + e.getMessage());
                return Optional.empty();
            }
            ObjectNode action = JSON.createObjectNode();
            ObjectNode target = action.putObject("index").put("_index", index);
            settings.typeName().ifPresent(type -> target.put("_type", type));
            if (settings.documentIds()) {
                target.put("_id", document.id());
            }
            body.writeBytes(bytes(action));
            body.write('\n');
            body.writeBytes(source);
            body.write('\n');
            return Optional.of(document);
        }

        private void read(List<Document> documents, byte[] body) throws DeliveryException {
            JsonNode items;
            try {
                items = JSON.readTree(body).path("items");
            } catch (IOException e) {
                throw new DeliveryException("OpenSearch.InvalidResponse", e.toString(), e);
            }
            if (items.size() != documents.size()) {
                throw new DeliveryException(
                        "OpenSearch.InvalidResponse",
                        "%d items for %d documents".formatted(items.size(), documents.size()));
            }
            for (int i = 0; i < documents.size(); i++) {
                item(documents.get(i), items.get(i).path("index"));
            }
        }

        private void item(Document document, JsonNode item) {
            int status = item.path("status").asInt();
            if (status >= 200 && status < 300) {
                known.put(document.id(), new Fate.Indexed());
                return;
            }
            String message =
                    item.path("error").path("type").asText()
                            + ": "
                            + item.path("error").path("reason").asText();
            if (status == 400) {
                // The document itself: all else may be mended in the cluster.
                refuse(document, String.valueOf(status), message);
            } else {
                waiting++;
                last = new DeliveryException(String.valueOf(status), message);
            }
        }

        private void refuse(Document document, String code, String message) {
            known.put(document.id(), new Fate.Refused(code, message));
        }
    }

    /** A document must be one line; what is one is left as it is. */
    private static byte[] oneLine(byte[] data) throws IOException {
        boolean line = data.length > 0;
        for (byte b : data) {
            line &= b != '\n' && b != '\r';
        }
        if (line) {
            return data;
        }
        JsonNode tree = JSON.readTree(data);
        if (tree == null || !tree.isObject()) {
            throw new IOException("a JSON object is expected");
        }
        return bytes(tree);
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write JSON", e);
        }
    }

    private static String shortened(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.length() > 500 ? text.substring(0, 500) : text;
    }
}
