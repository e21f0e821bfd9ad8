/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, or a structure in it, with its fields by name. A field that is missing or
 * null is absent; one of the wrong type is refused in AWS's words. Operations on records parse
 * their bodies themselves, with no such tree.
 */
public final class Input {

    private final Protocol protocol;
    private final Map<String, Object> fields;

    private Input(Protocol protocol, Map<String, Object> fields) {
        this.protocol = protocol;
        this.fields = fields;
    }

    static Input parse(Protocol protocol, JsonParser parser) throws IOException {
        try {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw AwsException.serialization("");
            }
            Map<String, Object> fields = readObject(parser);
            if (parser.nextToken() != null) {
                throw AwsException.serialization("");
            }
            return new Input(protocol, fields);
        } catch (JsonProcessingException _) {
            throw AwsException.serialization("");
        }
    }

    public Optional<String> string(String name) {
        return Optional.ofNullable(fields.get(name)).map(value -> asString(value));
    }

    public Optional<Long> integer(String name) {
        Object value = fields.get(name);
        return switch (value) {
            case null -> Optional.empty();
            case Number number -> Optional.of(number.longValue());
            case Boolean _ ->
                    throw AwsException.serialization(
                            "class java.lang.Boolean can not be converted to an Integer");
            case String _ ->
                    throw AwsException.serialization(
                            "class java.lang.String can not be converted to an Integer");
            default -> throw notAScalar(value);
        };
    }

    public Optional<Boolean> bool(String name) {
        Object value = fields.get(name);
        return switch (value) {
            case null -> Optional.empty();
            case Boolean flag -> Optional.of(flag);
            case Number _ ->
                    throw AwsException.serialization(
                            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not"
                                    + " be converted to an Boolean");
            case String text ->
                    throw AwsException.serialization(
                            "'"
                                    + text.toUpperCase(Locale.ROOT)
                                    + "' can not be converted to an Boolean");
            default -> throw notAScalar(value);
        };
    }

    public Optional<Instant> timestamp(String name) {
        Object value = fields.get(name);
        return switch (value) {
            case null -> Optional.empty();
            case Number number -> Optional.of(protocol.readTimestamp(number));
            case Boolean _ ->
                    throw AwsException.serialization(
                            "class java.lang.Boolean can not be converted to milliseconds since"
                                    + " epoch");
            case String _ ->
                    throw AwsException.serialization(
                            "class java.lang.String can not be converted to milliseconds since"
                                    + " epoch");
            default -> throw notAScalar(value);
        };
    }

    public Optional<Input> structure(String name) {
        return switch (fields.get(name)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> Optional.of(new Input(protocol, asFields(map)));
            case List<?> _ ->
                    throw AwsException.serialization("Start of list found where not expected");
            default -> throw AwsException.serialization("Expected null");
        };
    }

    public Optional<List<String>> strings(String name) {
        return switch (fields.get(name)) {
            case null -> Optional.empty();
            case List<?> list -> Optional.of(list.stream().map(Input::asString).toList());
            case Map<?, ?> _ ->
                    throw AwsException.serialization(
                            "Start of structure or map found where not expected.");
            default -> throw AwsException.serialization("Expected list or null");
        };
    }

    /** A list of structures. */
    public Optional<List<Input>> structures(String name) {
        return switch (fields.get(name)) {
            case null -> Optional.empty();
            case List<?> list ->
                    Optional.of(
                            list.stream()
                                    .map(item -> {
                                        if (item instanceof Map<?, ?> map) {
                                            return new Input(protocol, asFields(map));
                                        }
                                        throw AwsException.serialization("Expected null");
                                    })
                                    .toList());
            case Map<?, ?> _ ->
                    throw AwsException.serialization(
                            "Start of structure or map found where not expected.");
            default -> throw AwsException.serialization("Expected list or null");
        };
    }

    /** A map of strings in the order in which it came. */
    public Optional<Map<String, String>> stringMap(String name) {
        return switch (fields.get(name)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> {
                Map<String, String> result = new LinkedHashMap<>();
                asFields(map).forEach((key, value) -> result.put(key, asString(value)));
                yield Optional.of(result);
            }
            case List<?> _ ->
                    throw AwsException.serialization("Start of list found where not expected");
            default -> throw AwsException.serialization("Expected map or null");
        };
    }

    private static String asString(Object value) {
        return switch (value) {
            case String text -> text;
            case Boolean _ ->
                    throw AwsException.serialization(
                            "class java.lang.Boolean can not be converted to an String");
            case Number _ ->
                    throw AwsException.serialization(
                            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not"
                                    + " be converted to an String");
            default -> throw notAScalar(value);
        };
    }

    private static AwsException notAScalar(Object value) {
        return AwsException.serialization(
                value instanceof List<?>
                        ? "Start of list found where not expected"
                        : "Start of structure or map found where not expected.");
    }

    private static Map<String, Object> asFields(Map<?, ?> map) {
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((key, value) -> fields.put((String) key, value));
        return fields;
    }

    private static Map<String, Object> readObject(JsonParser parser) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            Object value = readValue(parser, parser.nextToken());
            if (value != null) {
                fields.put(wellFormed(name), value);
            }
        }
        return fields;
    }

    /** Half a surrogate pair is no text: nothing could be answered with it. */
    private static String wellFormed(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw AwsException.serialization("");
        }
        return text;
    }

    private static @Nullable Object readValue(JsonParser parser, JsonToken token)
            throws IOException {
        return switch (token) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (JsonToken item = parser.nextToken();
                        item != JsonToken.END_ARRAY;
                        item = parser.nextToken()) {
                    if (item == null) {
                        throw AwsException.serialization("");
                    }
                    Object value = readValue(parser, item);
                    if (value != null) {
                        items.add(value);
                    }
                }
                yield items;
            }
            case VALUE_STRING -> wellFormed(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_EMBEDDED_OBJECT, END_ARRAY, END_OBJECT, FIELD_NAME, NOT_AVAILABLE ->
                    throw AwsException.serialization("");
        };
    }
}
