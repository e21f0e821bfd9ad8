/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.delivery.batch.KeyedRecord;
import dev.millrace.delivery.columns.RowReader;
import dev.millrace.shard.kpl.KplAggregation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.zip.GZIPInputStream;

/** Makes the stages of what the user wants. */
public final class Processors {

    static final String FAILED = "processing-failed";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNPACKED_MAX = 64 << 20;

    private Processors() {}

    /**
     * Records that KPL has put together are always taken apart first.
     *
     * @param backup whether each record as it came is delivered as a backup, too
     * @throws IllegalArgumentException if a query cannot work
     */
    public static RecordProcessor of(
            List<Processor> processors,
            boolean backup,
            InstantSource clock,
            ProcessingListener listener) {
        List<Stage> stages = new ArrayList<>();
        stages.add((Stage.Each) Processors::split);
        processors.forEach(processor -> stages.add(stage(processor, listener)));
        return new Pipeline(stages, backup, clock, listener);
    }

    private static Stage stage(Processor processor, ProcessingListener listener) {
        return switch (processor) {
            case Processor.Decompression _ -> (Stage.Each) Processors::decompress;
            case Processor.CloudWatchLogs(boolean messagesOnly) ->
                    (Stage.Each) item -> cloudWatchLogs(item, messagesOnly);
            case Processor.SplitJson _ -> (Stage.Each) Processors::splitJson;
            case Processor.SplitAt(byte[] delimiter) ->
                    (Stage.Each) item -> splitAt(item, delimiter);
            case Processor.Jq(String query) -> {
                Jq jq = Jq.compile(query);
                yield json((item, value) -> {
                    List<Item> items = new ArrayList<>();
                    for (JsonNode result : jq.all(value)) {
                        items.add(item.withData(JSON.writeValueAsBytes(result)));
                    }
                    return items;
                });
            }
            case Processor.Filter(String query) -> {
                Jq jq = Jq.compile(query);
                yield json((item, value) ->
                        jq.all(value).stream().anyMatch(JsonNode::asBoolean)
                                ? List.of(item)
                                : List.of());
            }
            case Processor.DropFields(List<String> fields) ->
                    json((item, value) -> {
                        ObjectNode object = object(value);
                        object.remove(fields);
                        return List.of(item.withData(JSON.writeValueAsBytes(object)));
                    });
            case Processor.RenameFields(Map<String, String> names) ->
                    json((item, value) -> {
                        ObjectNode renamed = JSON.createObjectNode();
                        object(value)
                                .properties()
                                .forEach(field ->
                                        renamed.set(
                                                names.getOrDefault(field.getKey(), field.getKey()),
                                                field.getValue()));
                        return List.of(item.withData(JSON.writeValueAsBytes(renamed)));
                    });
            case Processor.ParseCsv csv -> text(line -> parse(csv, line));
            case Processor.ParseRegex regex -> text(line -> parse(regex, line));
            case Processor.ParseKeyValue pairs -> text(line -> parse(pairs, line));
            case Processor.HttpFunction function -> new HttpFunctionStage(function, listener);
            case Processor.MetadataExtraction(String query) -> new PartitionKeys(query);
            case Processor.TakeKeyAlong _ ->
                    (Stage.Each)
                            item ->
                                    List.of(
                                            item.withData(
                                                    KeyedRecord.join(
                                                            item.source().partitionKey(),
                                                            item.data())));
            case Processor.CheckRows(RowReader reader) -> new RowCheck(reader);
        };
    }

    private interface OnJson {
        List<Item> apply(Item.Live item, JsonNode value) throws IOException;
    }

    private interface OnText {
        ObjectNode apply(String line) throws IOException;
    }

    private static Stage json(OnJson work) {
        return (Stage.Each)
                item -> {
                    try {
                        return work.apply(item, JSON.readTree(item.data()));
                    } catch (IOException e) {
                        return List.of(item.failed(FAILED, "Processing.InvalidRecord", message(e)));
                    }
                };
    }

    private static Stage text(OnText work) {
        return (Stage.Each)
                item -> {
                    try {
                        String line =
                                new String(item.data(), StandardCharsets.UTF_8).stripTrailing();
                        return List.of(item.withData(JSON.writeValueAsBytes(work.apply(line))));
                    } catch (IOException e) {
                        return List.of(item.failed(FAILED, "Processing.InvalidRecord", message(e)));
                    }
                };
    }

    private static ObjectNode object(JsonNode value) throws IOException {
        if (value instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("not a JSON object");
    }

    private static ObjectNode parse(Processor.ParseCsv csv, String line) throws IOException {
        List<String> cells = cells(line, csv.delimiter());
        if (cells.size() != csv.columns().size()) {
            throw new IOException(
                    "%d columns and not %d".formatted(cells.size(), csv.columns().size()));
        }
        ObjectNode object = JSON.createObjectNode();
        for (int i = 0; i < cells.size(); i++) {
            object.put(csv.columns().get(i), cells.get(i));
        }
        return object;
    }

    /** A cell in quotes may have delimiters, and quotes that are doubled. */
    private static List<String> cells(String line, char delimiter) throws IOException {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                cell.append('"');
                i++;
            } else if (c == '"' && (quoted || cell.isEmpty())) {
                quoted = !quoted;
            } else if (c == delimiter && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        if (quoted) {
            throw new IOException("a quote is not closed");
        }
        cells.add(cell.toString());
        return cells;
    }

    private static ObjectNode parse(Processor.ParseRegex regex, String line) throws IOException {
        Matcher matcher = regex.pattern().matcher(line);
        if (!matcher.matches()) {
            throw new IOException("does not match " + regex.pattern());
        }
        ObjectNode object = JSON.createObjectNode();
        regex.pattern().namedGroups().entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(group -> object.put(group.getKey(), matcher.group(group.getValue())));
        return object;
    }

    private static ObjectNode parse(Processor.ParseKeyValue pairs, String line) throws IOException {
        ObjectNode object = JSON.createObjectNode();
        int at = 0;
        while (at <= line.length()) {
            int end = line.indexOf(pairs.pairDelimiter(), at);
            String pair = line.substring(at, end < 0 ? line.length() : end);
            int middle = pair.indexOf(pairs.keyDelimiter());
            if (middle > 0) {
                object.put(
                        pair.substring(0, middle).strip(),
                        pair.substring(middle + pairs.keyDelimiter().length()).strip());
            } else if (!pair.isBlank()) {
                throw new IOException("'%s' is no pair".formatted(pair));
            }
            if (end < 0) {
                break;
            }
            at = end + pairs.pairDelimiter().length();
        }
        return object;
    }

    private static List<Item> decompress(Item.Live item) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(item.data()))) {
            byte[] unpacked = in.readNBytes(UNPACKED_MAX);
            if (in.read() >= 0) {
                throw new IOException("more than " + UNPACKED_MAX + " bytes when decompressed");
            }
            return List.of(item.withData(unpacked));
        } catch (IOException e) {
            return List.of(
                    item.failed("decompression-failed", "Decompression.InvalidData", message(e)));
        }
    }

    private static List<Item> cloudWatchLogs(Item.Live item, boolean messagesOnly) {
        try {
            JsonNode log = JSON.readTree(item.data());
            JsonNode events = log.get("logEvents");
            if (events == null || !events.isArray()) {
                throw new IOException("no logEvents: not of CloudWatch Logs");
            }
            if (log.path("messageType").asText().equals("CONTROL_MESSAGE")) {
                return List.of();
            }
            if (!messagesOnly) {
                return List.of(item);
            }
            List<Item> messages = new ArrayList<>();
            for (JsonNode event : events) {
                byte[] message = event.path("message").asText().getBytes(StandardCharsets.UTF_8);
                messages.add(item.withData(message));
            }
            return messages;
        } catch (IOException e) {
            return List.of(item.failed(FAILED, "CloudWatchLogs.InvalidRecord", message(e)));
        }
    }

    /** Objects behind each other, with or without white space in between, each as it stands. */
    private static List<Item> splitJson(Item.Live item) {
        List<Item> objects = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(item.data())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.START_OBJECT) {
                    throw new IOException("objects are expected, not " + token);
                }
                int start = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                int end = (int) parser.currentLocation().getByteOffset();
                objects.add(item.withData(Arrays.copyOfRange(item.data(), start, end)));
            }
            return objects;
        } catch (IOException e) {
            return List.of(item.failed(FAILED, "DeAggregation.InvalidRecord", message(e)));
        }
    }

    private static List<Item> splitAt(Item.Live item, byte[] delimiter) {
        byte[] data = item.data();
        List<Item> parts = new ArrayList<>();
        int start = 0;
        for (int at = 0; at <= data.length - delimiter.length; ) {
            if (Arrays.equals(data, at, at + delimiter.length, delimiter, 0, delimiter.length)) {
                if (at > start) {
                    parts.add(item.withData(Arrays.copyOfRange(data, start, at)));
                }
                at += delimiter.length;
                start = at;
            } else {
                at++;
            }
        }
        if (start < data.length) {
            parts.add(item.withData(Arrays.copyOfRange(data, start, data.length)));
        }
        return parts;
    }

    static String message(Exception e) {
        String message = String.valueOf(e.getMessage());
        int line = message.indexOf('\n');
        return line < 0 ? message : message.substring(0, line);
    }

    /** The records that a producer has put together into one; any other as it is. */
    private static List<Item> split(Item.Live item) {
        if (!KplAggregation.isAggregated(item.data())) {
            return List.of(item);
        }
        return KplAggregation.split(item.data()).stream()
                .<Item>map(record -> item.withData(record.data()))
                .toList();
    }
}
