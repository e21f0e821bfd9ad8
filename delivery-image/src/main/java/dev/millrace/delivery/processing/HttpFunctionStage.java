/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.delivery.http.WholeAnswer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * A function behind a URL, with the contract that Firehose has with Lambda: any web server can be
 * one. A call that fails is made again; records whose calls all failed, and those that the function
 * does not answer properly, are failed.
 */
final class HttpFunctionStage implements Stage.Many {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CALL_BYTES_MAX = 1 << 20;
    private static final int CALL_RECORDS_MAX = 500;

    /** More than twice what Lambda may answer. */
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private static final int CALLS_AT_ONCE = 5;
    private static final Duration CALL_MAX = Duration.ofMinutes(4);
    private static final String FUNCTION_ERROR = "Lambda.FunctionError";

    private final Processor.HttpFunction function;
    private final ProcessingListener listener;
    private final HttpClient client;

    HttpFunctionStage(Processor.HttpFunction function, ProcessingListener listener) {
        this.function = function;
        this.listener = listener;
        this.client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    }

    private static final class CallException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String code;

        CallException(String code, String message) {
            super(message);
            this.code = code;
        }
    }

    @Override
    public List<List<Item>> apply(List<Item.Live> items) {
        List<List<Item>> results = new ArrayList<>(items.size());
        List<Future<List<List<Item>>>> calls = new ArrayList<>();
        Semaphore slots = new Semaphore(CALLS_AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<Item.Live> part : parts(items)) {
                calls.add(
                        threads.submit(() -> {
                            slots.acquire();
                            try {
                                return call(part);
                            } finally {
                                slots.release();
                            }
                        }));
            }
            for (Future<List<List<Item>>> call : calls) {
                results.addAll(call.get());
            }
        } catch (InterruptedException e) {
            calls.forEach(call -> call.cancel(true));
            Thread.currentThread().interrupt();
            // Nothing of this is delivered or written down: the worker stops.
            throw new IllegalStateException("Stopped while it waited for a function", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A function's call failed", e.getCause());
        }
        return results;
    }

    /** What goes into one call each, in order. */
    private static List<List<Item.Live>> parts(List<Item.Live> items) {
        List<List<Item.Live>> parts = new ArrayList<>();
        int from = 0;
        while (from < items.size()) {
            int to = from;
            long bytes = 0;
            while (to < items.size()
                    && to - from < CALL_RECORDS_MAX
                    && (to == from || bytes + items.get(to).data().length <= CALL_BYTES_MAX)) {
                bytes += items.get(to).data().length;
                to++;
            }
            parts.add(items.subList(from, to));
            from = to;
        }
        return parts;
    }

    private List<List<Item>> answered(List<Item.Live> items)
            throws CallException, InterruptedException {
        long began = System.nanoTime();
        boolean succeeded = false;
        try {
            List<List<Item>> answers = answers(items, post(items));
            succeeded = true;
            tellProcessed(items, answers);
            return answers;
        } finally {
            listener.called(Duration.ofNanos(System.nanoTime() - began), succeeded);
        }
    }

    private void tellProcessed(List<Item.Live> items, List<List<Item>> answers) {
        int records = 0;
        long bytes = 0;
        for (int i = 0; i < items.size(); i++) {
            if (answers.get(i).stream().anyMatch(answer -> answer instanceof Item.Live)) {
                records++;
                bytes += items.get(i).data().length;
            }
        }
        listener.processed(records, bytes);
    }

    private List<List<Item>> call(List<Item.Live> items) {
        CallException last = new CallException(FUNCTION_ERROR, "never called");
        // No more calls than fit: the group of workers waits for this one meanwhile.
        long fit = Math.max(1, CALL_MAX.dividedBy(function.timeout().plusSeconds(2)));
        for (int attempt = 0; attempt <= function.retries() && attempt < fit; attempt++) {
            try {
                if (attempt > 0) {
                    Thread.sleep(Math.min(2_000, 100L << Math.min(attempt, 10)));
                }
                return answered(items);
            } catch (CallException e) {
                last = e;
                if (e.code.equals("Lambda.JsonProcessingException")) {
                    break;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Stopped while it waited for a function", e);
            }
        }
        List<List<Item>> failed = new ArrayList<>();
        for (Item.Live item : items) {
            failed.add(List.of(failed(item, last.code, String.valueOf(last.getMessage()))));
        }
        return failed;
    }

    private JsonNode post(List<Item.Live> items) throws CallException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(function.url())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body(items)));
        function.bearerToken()
                .ifPresent(token -> request.header("Authorization", "Bearer " + token));
        HttpResponse<byte[]> response;
        try {
            response =
                    WholeAnswer.to(request.build(), client, function.timeout(), ANSWER_BYTES_MAX);
        } catch (IOException e) {
            throw new CallException(FUNCTION_ERROR, function.url() + ": " + e);
        }
        if (response.statusCode() != 200) {
            throw new CallException(
                    FUNCTION_ERROR, function.url() + " answered " + response.statusCode());
        }
        try {
            JsonNode records = JSON.readTree(response.body()).path("records");
            if (!records.isArray()) {
                throw new CallException(
                        "Lambda.JsonProcessingException", "The answer has no records");
            }
            return records;
        } catch (IOException e) {
            throw new CallException(
                    "Lambda.JsonProcessingException",
                    "The answer is no JSON: " + Processors.message(e));
        }
    }

    private static byte[] body(List<Item.Live> items) {
        ObjectNode body = JSON.createObjectNode();
        body.put("invocationId", UUID.randomUUID().toString());
        body.put("region", "us-east-1");
        ArrayNode records = body.putArray("records");
        for (int i = 0; i < items.size(); i++) {
            SourceRecord source = items.get(i).source();
            ObjectNode record = records.addObject();
            record.put("recordId", id(items, i));
            record.put("approximateArrivalTimestamp", source.arrival().toEpochMilli());
            record.put("data", items.get(i).data());
            record.putObject("kinesisRecordMetadata")
                    .put("shardId", source.sequenceNumber().shard().toString())
                    .put("partitionKey", source.partitionKey())
                    .put("approximateArrivalTimestamp", source.arrival().toEpochMilli())
                    .put("sequenceNumber", source.sequenceNumber().toString())
                    .put("subsequenceNumber", "");
        }
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write a call", e);
        }
    }

    /** The same in each call: the place of the record, and which piece of it this is. */
    private static String id(List<Item.Live> items, int index) {
        return items.get(index).source().sequenceNumber() + "." + index;
    }

    private static List<List<Item>> answers(List<Item.Live> items, JsonNode records) {
        Map<String, JsonNode> byId = new HashMap<>();
        Set<String> twice = new HashSet<>();
        for (JsonNode record : records) {
            String id = record.path("recordId").asText();
            if (byId.put(id, record) != null) {
                twice.add(id);
            }
        }
        List<List<Item>> answers = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String id = id(items, i);
            JsonNode answer = byId.get(id);
            Item.Live item = items.get(i);
            if (answer == null) {
                answers.add(
                        List.of(
                                failed(
                                        item,
                                        "Lambda.MissingRecordId",
                                        "The answer does not have the record")));
            } else if (twice.contains(id)) {
                answers.add(
                        List.of(
                                failed(
                                        item,
                                        "Lambda.DuplicatedRecordId",
                                        "The answer has the record more than once")));
            } else {
                answers.add(answer(item, answer));
            }
        }
        return answers;
    }

    private static List<Item> answer(Item.Live item, JsonNode answer) {
        return switch (answer.path("result").asText()) {
            case "Ok" -> {
                Map<String, String> keys = new HashMap<>(item.partitionKeys());
                answer.path("metadata")
                        .path("partitionKeys")
                        .properties()
                        .forEach(key -> keys.put(key.getKey(), key.getValue().asText()));
                try {
                    yield List.of(
                            new Item.Live(item.source(), answer.path("data").binaryValue(), keys));
                } catch (IOException | RuntimeException _) {
                    yield List.of(failed(item, FUNCTION_ERROR, "The answer's data are no base64"));
                }
            }
            case "Dropped" -> List.of();
            case "ProcessingFailed" ->
                    List.of(failed(item, FUNCTION_ERROR, "The function said ProcessingFailed"));
            default ->
                    List.of(
                            failed(
                                    item,
                                    FUNCTION_ERROR,
                                    "The result is none of Ok, Dropped, ProcessingFailed"));
        };
    }

    /** With the record as it came, as Firehose writes it. */
    private static Item.Failed failed(Item.Live item, String code, String message) {
        return new Item.Failed(item.source(), Processors.FAILED, code, message, 1, item.data());
    }
}
