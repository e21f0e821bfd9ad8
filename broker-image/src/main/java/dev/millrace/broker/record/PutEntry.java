/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.map.RecordDistributionStrategy;
import dev.millrace.shard.map.StreamSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One record of a put as it comes: checked in form, not yet against its stream. This is the hot
 * path, so it is filled straight from the parser, with no tree and no copy of the data.
 */
final class PutEntry {

    private static final Pattern HASH_KEY = Pattern.compile("0|([1-9]\\d{0,38})");
    private static final int PARTITION_KEY_MAX = 256;

    private byte @Nullable [] data;
    private @Nullable String partitionKey;
    private @Nullable String explicitHashKey;

    void data(byte[] given) {
        data = given;
    }

    void partitionKey(String given) {
        partitionKey = given;
    }

    void explicitHashKey(String given) {
        explicitHashKey = given;
    }

    byte[] data() {
        return data == null ? new byte[0] : data;
    }

    String partitionKey() {
        return partitionKey == null ? "" : partitionKey;
    }

    @Nullable String explicitHashKey() {
        return explicitHashKey;
    }

    /** What the record counts towards limits: its data and its partition key. */
    int size() {
        String key = partitionKey();
        int length = key.length();
        // Most keys are ASCII, which needs no encoding to know how long it is.
        for (int i = 0; i < length; i++) {
            if (key.charAt(i) > 0x7F) {
                return data().length + key.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return data().length + length;
    }

    /**
     * Takes a field if it is one of a record's.
     *
     * @return false if it is another's; then nothing was read
     */
    boolean read(String field, JsonParser parser) throws IOException {
        switch (field) {
            case "Data" -> data = Fields.blob(parser);
            case "PartitionKey" -> partitionKey = Fields.string(parser);
            case "ExplicitHashKey" -> explicitHashKey = Fields.string(parser);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The entry of a list, behind its opening brace. */
    static PutEntry readStructure(JsonParser parser) throws IOException {
        PutEntry entry = new PutEntry();
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            if (!entry.read(field, parser)) {
                Fields.skip(parser);
            }
        }
        return entry;
    }

    /**
     * Adds what is wrong with it.
     *
     * @param index where it lies in the list of records, from 1 on; 0 if there is no list
     * @param dataMax the largest record that the stream takes
     * @param keyRequired whether it must have a partition key
     */
    void check(int index, int dataMax, boolean keyRequired, Violations violations) {
        if (isGood(dataMax, keyRequired)) {
            return;
        }
        String path = index == 0 ? "" : "records." + index + ".member.";
        Optional<String> key = Optional.ofNullable(partitionKey);
        if (keyRequired) {
            violations.required(path + "partitionKey", key);
        }
        violations.length(path + "partitionKey", key, 1, PARTITION_KEY_MAX);
        if (data == null) {
            violations.required(path + "data", Optional.empty());
        } else if (data.length > dataMax) {
            violations.add(
                    "'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]'"
                            .formatted(data.length, data.length),
                    path + "data",
                    "Member must have length less than or equal to " + dataMax);
        }
        if (explicitHashKey != null) {
            violations.pattern(path + "explicitHashKey", Optional.of(explicitHashKey), HASH_KEY);
        }
    }

    /** Nearly all are: those cost no messages. */
    private boolean isGood(int dataMax, boolean keyRequired) {
        boolean keyIsGood =
                partitionKey == null
                        ? !keyRequired
                        : !partitionKey.isEmpty() && partitionKey.length() <= PARTITION_KEY_MAX;
        return keyIsGood
                && data != null
                && data.length <= dataMax
                && (explicitHashKey == null || HASH_KEY.matcher(explicitHashKey).matches());
    }

    /**
     * The place of the record in the hash key space: where its keys say, or anywhere in a stream
     * that spreads its records by itself.
     *
     * @throws AwsException if the explicit hash key lies outside of it
     */
    HashKey hashKey(StreamSettings settings) {
        if (settings.recordDistribution() == RecordDistributionStrategy.AUTO) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            return new HashKey(random.nextLong(), random.nextLong());
        }
        if (explicitHashKey == null) {
            return HashKey.ofPartitionKey(partitionKey());
        }
        try {
            return HashKey.parse(explicitHashKey);
        } catch (IllegalArgumentException _) {
            throw AwsException.invalidArgument(
                    "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]."
                            + " Specified value was "
                            + explicitHashKey);
        }
    }

    /** Single values, with AWS's words for those of another type. */
    static final class Fields {

        private Fields() {}

        static @Nullable String string(JsonParser parser) throws IOException {
            JsonToken token = parser.nextToken();
            return switch (token) {
                case VALUE_STRING -> parser.getText();
                case VALUE_NULL -> null;
                default -> throw wrongType(token, "String");
            };
        }

        static boolean bool(JsonParser parser) throws IOException {
            JsonToken token = parser.nextToken();
            return switch (token) {
                case VALUE_TRUE -> true;
                case VALUE_FALSE, VALUE_NULL -> false;
                case VALUE_STRING ->
                        throw AwsException.serialization(
                                "'"
                                        + parser.getText().toUpperCase(Locale.ROOT)
                                        + "' can not be converted to an Boolean");
                default -> throw wrongType(token, "Boolean");
            };
        }

        static byte @Nullable [] blob(JsonParser parser) throws IOException {
            JsonToken token = parser.nextToken();
            return switch (token) {
                case VALUE_STRING -> base64(parser);
                case VALUE_EMBEDDED_OBJECT -> parser.getBinaryValue();
                case VALUE_NULL -> null;
                default -> throw wrongType(token, "Blob");
            };
        }

        static void skip(JsonParser parser) throws IOException {
            parser.nextToken();
            parser.skipChildren();
        }

        private static byte[] base64(JsonParser parser) throws IOException {
            try {
                return parser.getBinaryValue();
            } catch (JsonParseException e) {
                throw AwsException.serialization(
                        "The data can not be converted to a Blob: " + e.getOriginalMessage());
            }
        }

        private static AwsException wrongType(JsonToken token, String wanted) {
            return AwsException.serialization(
                    switch (token) {
                        case START_ARRAY -> "Start of list found where not expected";
                        case START_OBJECT -> "Start of structure or map found where not expected.";
                        case VALUE_TRUE, VALUE_FALSE ->
                                "class java.lang.Boolean can not be converted to a" + n(wanted);
                        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                                "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can"
                                        + " not be converted to a"
                                        + n(wanted);
                        default -> "";
                    });
        }

        /** AWS writes "an String", "an Boolean" and "a Blob". */
        private static String n(String wanted) {
            return wanted.equals("Blob") ? " Blob" : "n " + wanted;
        }
    }
}
