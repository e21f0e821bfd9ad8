/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.shard.StreamName;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The control API of one pool over HTTP: JSON 1.1, signed with the operator's key. */
final class HttpPoolControl implements PoolControl {

    /** 500 streams a page: more than a pool can hold. A gateway that pages for ever is cut off. */
    private static final int PAGES_MAX = 400;

    private static final int SERVER_ERROR = 500;
    private static final int OK = 200;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> KEY_REJECTED =
            Set.of(
                    "UnrecognizedClientException",
                    "InvalidSignatureException",
                    "IncompleteSignatureException",
                    "AccessDeniedException");

    private final PoolRef pool;
    private final URI endpoint;
    private final OperatorKeys keys;
    private final ControlRequests requests;
    private final ControlConnections connections;

    HttpPoolControl(
            PoolRef pool,
            URI endpoint,
            OperatorKeys keys,
            ControlRequests requests,
            ControlConnections connections) {
        this.pool = pool;
        this.endpoint = endpoint;
        this.keys = keys;
        this.requests = requests;
        this.connections = connections;
    }

    @Override
    public ControlResult<StreamStateView> applyStream(ApplyStream request) {
        return call("ApplyStream", ControlJson.write(request), ControlJson::streamState);
    }

    @Override
    public ControlResult<PoolStreams> listStreamStates() {
        PoolStreams all = PoolStreams.NONE;
        Optional<String> token = Optional.empty();
        for (int page = 0; page < PAGES_MAX; page++) {
            ObjectNode request = ControlJson.request();
            token.ifPresent(next -> request.put("NextToken", next));
            switch (call("ListStreamStates", request, ControlJson::page)) {
                case ControlResult.Applied<ControlJson.Page>(ControlJson.Page got) -> {
                    all = all.and(got.streams());
                    token = got.next();
                }
                case ControlResult.Refused<ControlJson.Page>(String error, String message) -> {
                    return new ControlResult.Refused<>(error, message);
                }
                case ControlResult.Unreachable<ControlJson.Page>(String cause) -> {
                    return new ControlResult.Unreachable<>(cause);
                }
            }
            if (token.isEmpty()) {
                return new ControlResult.Applied<>(all);
            }
        }
        return new ControlResult.Unreachable<>(
                "ListStreamStates of pool %s has more than %d pages".formatted(pool, PAGES_MAX));
    }

    @Override
    public ControlResult<Removal> removeStream(StreamName stream, String ownerUid) {
        ObjectNode request = ControlJson.request();
        request.put("StreamName", stream.value());
        request.put("OwnerUid", ownerUid);
        return call("RemoveStream", request, _ -> new Removal());
    }

    @Override
    public ControlResult<PoolDescription> describePool() {
        return call("DescribePool", ControlJson.request(), ControlJson::poolDescription);
    }

    private <T> ControlResult<T> call(
            String operation, JsonNode request, Function<JsonNode, T> parse) {
        Optional<OperatorKeys.Key> key = keys.of(pool);
        if (key.isEmpty()) {
            return new ControlResult.Unreachable<>(
                    "Pool %s has no operator key yet".formatted(pool));
        }
        try {
            HttpResponse<byte[]> response =
                    connections.send(requests.of(endpoint, operation, request, key.get()));
            return answer(operation, response, parse);
        } catch (IOException e) {
            return unreachable(operation, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unreachable(operation, e);
        }
    }

    private <T> ControlResult<T> answer(
            String operation, HttpResponse<byte[]> response, Function<JsonNode, T> parse) {
        try {
            JsonNode json = JSON.readTree(response.body());
            if (response.statusCode() == OK) {
                return new ControlResult.Applied<>(parse.apply(json));
            }
            Optional<String> error =
                    ControlJson.optionalText(json, "__type")
                            .map(type -> type.substring(type.indexOf('#') + 1));
            String message =
                    ControlJson.optionalText(json, "message")
                            .or(() -> ControlJson.optionalText(json, "Message"))
                            .orElse("");
            if (response.statusCode() >= SERVER_ERROR || error.isEmpty()) {
                return unreachable(
                        operation, response.statusCode() + " " + error.orElse("") + " " + message);
            }
            if (KEY_REJECTED.contains(error.get())) {
                keys.wasRejected(pool);
            }
            return new ControlResult.Refused<>(error.get(), message);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return unreachable(operation, response.statusCode() + ", not understood: " + e);
        } catch (IOException e) {
            return unreachable(operation, e);
        }
    }

    private <T> ControlResult<T> unreachable(String operation, Object cause) {
        return new ControlResult.Unreachable<>(
                "%s of pool %s at %s: %s".formatted(operation, pool, endpoint, cause));
    }
}
