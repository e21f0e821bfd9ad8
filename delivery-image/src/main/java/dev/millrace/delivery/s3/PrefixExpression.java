/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * A prefix with Firehose's expressions, {@code !{namespace:value}}, parsed and checked. Immutable.
 */
public final class PrefixExpression {

    private static final String OPENING = "!{";
    private static final String HOURLY = "yyyy/MM/dd/HH/";

    private sealed interface Part {}

    private record Literal(String text) implements Part {}

    private record Timestamp(DateTimeFormatter format) implements Part {}

    private record RandomString() implements Part {}

    private record ErrorOutputType() implements Part {}

    private record PartitionKey(String name) implements Part {}

    /**
     * What a prefix is evaluated with.
     *
     * @param instant the arrival of the oldest record
     * @param id of the batch; the random string follows from it
     * @param partitionKeys by name
     * @param errorType for the error prefix
     */
    public record Values(
            Instant instant, UUID id, Map<String, String> partitionKeys, String errorType) {}

    private final List<Part> parts;

    private PrefixExpression(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /**
     * The prefix of delivered objects. Without an expression that tells records apart by time or by
     * content, the hour is appended.
     *
     * @throws IllegalArgumentException saying what is wrong, in words for the user
     */
    public static PrefixExpression prefix(String text, ZoneId zone) {
        List<Part> parts = parse("prefix", text, zone);
        for (Part part : parts) {
            if (part instanceof ErrorOutputType) {
                throw new IllegalArgumentException(
                        "prefix: !{firehose:error-output-type} belongs into errorOutputPrefix");
            }
        }
        boolean placed =
                parts.stream().anyMatch(p -> p instanceof Timestamp || p instanceof PartitionKey);
        if (!placed) {
            parts.add(timestamp("prefix", HOURLY, zone));
        }
        return new PrefixExpression(parts);
    }

    /**
     * The prefix of objects with records that cannot be delivered. Without an expression, the error
     * type and the hour are appended.
     *
     * @throws IllegalArgumentException saying what is wrong, in words for the user
     */
    public static PrefixExpression errorPrefix(String text, ZoneId zone) {
        List<Part> parts = parse("errorOutputPrefix", text, zone);
        boolean typed = false;
        boolean literal = true;
        for (Part part : parts) {
            if (part instanceof PartitionKey) {
                throw new IllegalArgumentException(
                        "errorOutputPrefix: partition keys belong into prefix");
            }
            typed |= part instanceof ErrorOutputType;
            literal &= part instanceof Literal;
        }
        if (literal) {
            parts.add(new ErrorOutputType());
            parts.add(new Literal("/"));
            parts.add(timestamp("errorOutputPrefix", HOURLY, zone));
        } else if (!typed) {
            throw new IllegalArgumentException(
                    "errorOutputPrefix: has expressions and must include !{firehose:error-output-type}");
        }
        return new PrefixExpression(parts);
    }

    /** The names of the partition keys that it uses, in their order. */
    public Set<String> partitionKeys() {
        Set<String> names = new LinkedHashSet<>();
        for (Part part : parts) {
            if (part instanceof PartitionKey(String name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** Whether a text has any expression. */
    public static boolean hasExpressions(String text) {
        return text.contains(OPENING);
    }

    public String evaluate(Values values) {
        StringBuilder evaluated = new StringBuilder();
        for (Part part : parts) {
            evaluated.append(
                    switch (part) {
                        case Literal(String text) -> text;
                        case Timestamp(DateTimeFormatter format) -> format.format(values.instant());
                        case RandomString _ -> randomString(values.id());
                        case ErrorOutputType _ -> values.errorType();
                        case PartitionKey(String name) ->
                                Objects.requireNonNullElse(
                                        values.partitionKeys().get(name), "null");
                    });
        }
        return evaluated.toString();
    }

    /** Eleven characters, as Firehose has them, always the same for one batch. */
    private static String randomString(UUID id) {
        byte[] seed = ("random-string " + id).getBytes(StandardCharsets.UTF_8);
        return UUID.nameUUIDFromBytes(seed).toString().substring(0, 11);
    }

    private static List<Part> parse(String field, String text, ZoneId zone) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int opening = text.indexOf(OPENING, at);
            if (opening < 0) {
                parts.add(new Literal(text.substring(at)));
                break;
            }
            if (opening > at) {
                parts.add(new Literal(text.substring(at, opening)));
            }
            int closing = text.indexOf('}', opening);
            if (closing < 0) {
                throw new IllegalArgumentException(
                        "%s: '%s' is not closed by }".formatted(field, text.substring(opening)));
            }
            parts.add(part(field, text.substring(opening + OPENING.length(), closing), zone));
            at = closing + 1;
        }
        return parts;
    }

    private static Part part(String field, String expression, ZoneId zone) {
        int colon = expression.indexOf(':');
        String namespace = colon < 0 ? expression : expression.substring(0, colon);
        String value = colon < 0 ? "" : expression.substring(colon + 1);
        if (value.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: !{%s} is not of the form !{namespace:value}".formatted(field, expression));
        }
        return switch (namespace) {
            case "timestamp" -> timestamp(field, value, zone);
            case "firehose" ->
                    switch (value) {
                        case "random-string" -> new RandomString();
                        case "error-output-type" -> new ErrorOutputType();
                        default ->
                                throw new IllegalArgumentException(
                                        "%s: !{firehose:%s} is neither random-string nor error-output-type"
                                                .formatted(field, value));
                    };
            case "partitionKeyFromQuery", "partitionKeyFromLambda" -> new PartitionKey(value);
            default ->
                    throw new IllegalArgumentException(
                            "%s: '%s' is no namespace; there are timestamp, firehose, partitionKeyFromQuery and partitionKeyFromLambda"
                                    .formatted(field, namespace));
        };
    }

    private static Part timestamp(String field, String pattern, ZoneId zone) {
        try {
            return new Timestamp(DateTimeFormatter.ofPattern(pattern).withZone(zone));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s: !{timestamp:%s} is no pattern of Java's DateTimeFormatter: %s"
                            .formatted(field, pattern, e.getMessage()),
                    e);
        }
    }
}
