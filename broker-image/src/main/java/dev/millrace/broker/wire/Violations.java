/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Collects what is wrong with a request's fields and says it in AWS's words, all at once: "1
 * validation error detected: Value '0' at 'shardCount' failed to satisfy constraint: ...".
 */
public final class Violations {

    /** AWS does not list more. */
    private static final int SHOWN_MAX = 10;

    private final List<String> found = new ArrayList<>();

    /** A field that must be there. */
    public Violations required(String field, Optional<?> value) {
        if (value.isEmpty()) {
            add("null", field, "Member must not be null");
        }
        return this;
    }

    public Violations inRange(String field, Optional<Long> value, long min, long max) {
        value.ifPresent(v -> {
            if (v < min) {
                add(quoted(v), field, "Member must have value greater than or equal to " + min);
            }
            if (v > max) {
                add(quoted(v), field, "Member must have value less than or equal to " + max);
            }
        });
        return this;
    }

    public Violations length(String field, Optional<String> value, int min, int max) {
        value.ifPresent(v -> size(quoted(v), field, v.length(), min, max));
        return this;
    }

    /** A list or a map with a number of members; {@code shown} is how AWS prints it. */
    public Violations size(String shown, String field, int size, int min, int max) {
        if (size < min) {
            add(shown, field, "Member must have length greater than or equal to " + min);
        }
        if (size > max) {
            add(shown, field, "Member must have length less than or equal to " + max);
        }
        return this;
    }

    public Violations pattern(String field, Optional<String> value, Pattern pattern) {
        value.ifPresent(v -> {
            if (!pattern.matcher(v).matches()) {
                add(
                        quoted(v),
                        field,
                        "Member must satisfy regular expression pattern: " + pattern.pattern());
            }
        });
        return this;
    }

    /** A name of one of an enum's constants. */
    public Violations oneOf(String field, Optional<String> value, Enum<?>[] constants) {
        List<String> names = Stream.of(constants).map(Enum::name).toList();
        value.ifPresent(v -> {
            if (!names.contains(v)) {
                add(
                        quoted(v),
                        field,
                        "Member must satisfy enum value set: [" + String.join(", ", names) + "]");
            }
        });
        return this;
    }

    /** Tags, whose keys have 1 to 128 characters and whose values at most 256. */
    public Violations tags(String field, Optional<Map<String, String>> tags) {
        tags.ifPresent(map -> {
            String shown =
                    map.entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + entry.getValue())
                            .collect(Collectors.joining(", ", "'{", "}'"));
            size(shown, field, map.size(), 1, 200);
            if (!allWithin(map.keySet(), 1, 128)) {
                add(shown, field, "Map keys must satisfy constraint: " + bounds(1, 128));
            }
            if (!allWithin(map.values(), 0, 256)) {
                add(shown, field, "Map value must satisfy constraint: " + bounds(0, 256));
            }
        });
        return this;
    }

    /** Tag keys of 1 to 128 characters, 1 to 50 of them. */
    public Violations tagKeys(String field, Optional<List<String>> keys) {
        keys.ifPresent(list -> {
            String shown = "'[" + String.join(", ", list) + "]'";
            size(shown, field, list.size(), 1, 50);
            if (!allWithin(list, 1, 128)) {
                add(shown, field, "Member must satisfy constraint: " + bounds(1, 128));
            }
        });
        return this;
    }

    public Violations add(String shownValue, String field, String constraint) {
        found.add(
                "Value "
                        + shownValue
                        + " at '"
                        + field
                        + "' failed to satisfy constraint: "
                        + constraint);
        return this;
    }

    /**
     * @throws AwsException if anything was found
     */
    public void check() {
        if (found.isEmpty()) {
            return;
        }
        List<String> shown = found.subList(0, Math.min(SHOWN_MAX, found.size()));
        throw new AwsException(
                ErrorCode.VALIDATION,
                "%d validation error%s detected: %s"
                        .formatted(
                                shown.size(),
                                shown.size() == 1 ? "" : "s",
                                String.join("; ", shown)));
    }

    private static String quoted(Object value) {
        return "'" + value + "'";
    }

    private static boolean allWithin(Collection<String> values, int min, int max) {
        return values.stream().allMatch(v -> v.length() >= min && v.length() <= max);
    }

    private static String bounds(int min, int max) {
        return "[Member must have length less than or equal to "
                + max
                + ", Member must have length greater than or equal to "
                + min
                + "]";
    }
}
