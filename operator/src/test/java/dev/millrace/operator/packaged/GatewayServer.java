/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.packaged;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.operator.control.ApplyStream;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The control API over HTTP, with the streams in memory: what the gateway looks like from here. */
final class GatewayServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "Millrace_20261101.";
    private static final double MILLIS = 1_000.0;

    private final InMemoryPoolControl control;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private GatewayServer(InMemoryPoolControl control, HttpServer server) {
        this.control = control;
        this.server = server;
    }

    static GatewayServer start(InMemoryPoolControl control) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        GatewayServer gateway = new GatewayServer(control, server);
        server.setExecutor(gateway.threads);
        server.createContext("/", gateway::handle);
        server.start();
        return gateway;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            JsonNode request = JSON.readTree(exchange.getRequestBody());
            if (authorization == null || !authorization.contains("/kinesis/aws4_request")) {
                answer(exchange, 400, error("MissingAuthenticationTokenException", "unsigned"));
            } else {
                answer(exchange, call(target.substring(PREFIX.length()), request));
            }
        }
    }

    private ControlResult<JsonNode> call(String operation, JsonNode request) {
        return switch (operation) {
            case "ApplyStream" -> json(control.applyStream(apply(request)), GatewayServer::state);
            case "ListStreamStates" -> json(control.listStreamStates(), GatewayServer::list);
            case "RemoveStream" ->
                    json(
                            control.removeStream(
                                    new StreamName(request.path("StreamName").asText()),
                                    request.path("OwnerUid").asText()),
                            _ -> JSON.createObjectNode());
            default -> new ControlResult.Refused<>("UnknownOperationException", operation);
        };
    }

    private interface Writer<T> {
        JsonNode write(T value);
    }

    private static <T> ControlResult<JsonNode> json(ControlResult<T> result, Writer<T> writer) {
        return switch (result) {
            case ControlResult.Applied<T>(T state) ->
                    new ControlResult.Applied<>(writer.write(state));
            case ControlResult.Refused<T>(String error, String message) ->
                    new ControlResult.Refused<>(error, message);
            case ControlResult.Unreachable<T>(String cause) ->
                    new ControlResult.Unreachable<>(cause);
        };
    }

    private static ApplyStream apply(JsonNode json) {
        return new ApplyStream(
                new StreamName(json.path("StreamName").asText()),
                json.path("OwnerUid").asText(),
                integer(json, "ShardCount"),
                text(json, "StreamMode").map(StreamMode::valueOf),
                integer(json, "RetentionPeriodHours"),
                integer(json, "MaxRecordSizeInKiB"),
                text(json, "Limits").map(LimitsProfile::valueOf),
                json.has("Tags") ? Optional.of(tags(json.get("Tags"))) : Optional.empty(),
                Optional.empty(),
                text(json, "Delivery"));
    }

    private static Map<String, String> tags(JsonNode json) {
        Map<String, String> tags = new TreeMap<>();
        json.properties().forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }

    private static Optional<Integer> integer(JsonNode json, String field) {
        return json.has(field) ? Optional.of(json.get(field).intValue()) : Optional.empty();
    }

    private static Optional<String> text(JsonNode json, String field) {
        return json.has(field) ? Optional.of(json.get(field).asText()) : Optional.empty();
    }

    private static JsonNode list(PoolStreams streams) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode states = json.putArray("Streams");
        streams.streams().forEach(stream -> states.add(state(stream)));
        ArrayNode deleted = json.putArray("DeletedStreams");
        for (PoolStreams.Deleted stream : streams.deleted()) {
            ObjectNode node = deleted.addObject();
            node.put("StreamName", stream.name().value());
            node.put("StreamId", stream.id().value());
            stream.ownerUid().ifPresent(uid -> node.put("OwnerUid", uid));
            node.put("DeletedAt", seconds(stream.deletedAt()));
        }
        return json;
    }

    private static JsonNode state(StreamStateView stream) {
        ObjectNode json = JSON.createObjectNode();
        json.put("StreamName", stream.name().value());
        json.put("StreamId", stream.id().value());
        stream.ownerUid().ifPresent(uid -> json.put("OwnerUid", uid));
        json.put("StreamARN", stream.arn());
        json.put("StreamStatus", stream.status().name());
        json.put("StreamMode", stream.mode().name());
        json.put("OpenShardCount", stream.openShardCount());
        json.put("ClosedShardCount", stream.closedShardCount());
        json.put("TargetShardCount", stream.targetShardCount());
        json.put("RetentionPeriodHours", stream.retentionPeriodHours());
        json.put("MaxRecordSizeInKiB", stream.maxRecordSizeKiB());
        json.put("CreationTimestamp", seconds(stream.createdAt()));
        json.put("Topic", stream.topic());
        json.put("Limits", stream.limits().name());
        stream.delivery().ifPresent(delivery -> json.put("Delivery", delivery));
        ObjectNode tags = json.putObject("Tags");
        stream.tags().forEach(tags::put);
        stream.reshard()
                .ifPresent(reshard -> {
                    ObjectNode node = json.putObject("Reshard");
                    goal(node, reshard.id(), reshard.from(), reshard.target());
                    node.put("Step", reshard.step());
                    node.put("Steps", reshard.steps());
                    node.put("StartedAt", seconds(reshard.startedAt()));
                });
        stream.lastReshard()
                .ifPresent(reshard -> {
                    ObjectNode node = json.putObject("LastReshard");
                    goal(node, reshard.id(), reshard.from(), reshard.target());
                    node.put("FinishedAt", seconds(reshard.finishedAt()));
                });
        return json;
    }

    private static void goal(ObjectNode node, long id, int from, int target) {
        node.put("Id", id);
        node.put("From", from);
        node.put("Target", target);
    }

    private static double seconds(Instant time) {
        return time.toEpochMilli() / MILLIS;
    }

    private static void answer(HttpExchange exchange, ControlResult<JsonNode> result)
            throws IOException {
        switch (result) {
            case ControlResult.Applied<JsonNode>(JsonNode json) -> answer(exchange, 200, json);
            case ControlResult.Refused<JsonNode>(String error, String message) ->
                    answer(exchange, 400, error(error, message));
            case ControlResult.Unreachable<JsonNode>(String cause) ->
                    answer(exchange, 503, error("ServiceUnavailable", cause));
        }
    }

    private static JsonNode error(String type, String message) {
        return JSON.createObjectNode().put("__type", type).put("message", message);
    }

    private static void answer(HttpExchange exchange, int status, JsonNode json)
            throws IOException {
        byte[] body = JSON.writeValueAsBytes(json);
        exchange.getResponseHeaders().set("x-amzn-RequestId", "1");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
