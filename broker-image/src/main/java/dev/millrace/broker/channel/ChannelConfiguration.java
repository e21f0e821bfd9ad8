/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a channel is, as its caller asked for it: the fields of the API, with defaults filled in.
 *
 * @param json {@code ServiceExecutionRoleARN}, {@code RecordConfiguration}, one of the two
 *     destinations, {@code LoggingConfiguration} and perhaps {@code EncryptionConfiguration}
 */
record ChannelConfiguration(ObjectNode json) {

    static final JsonMapper JSON = new JsonMapper();
    static final String S3 = "S3DestinationConfiguration";
    static final String TABLES = "S3TablesDestinationConfiguration";
    static final String FRESHNESS = "DataFreshnessInSeconds";
    static final String DEAD_LETTERS = "DeadLetterQueueS3Configuration";
    static final String STORAGE = "StorageConfiguration";

    private static final int FRESHNESS_DEFAULT = 300;

    /** What a buffer of a delivery can wait. */
    static final int FRESHNESS_MAX = 900;

    private static final String DEFAULT_ERRORS = "errors/";
    private static final Pattern ROLE =
            Pattern.compile("arn:aws[-a-z0-9]*:iam::\\d{12}:role/[a-zA-Z_0-9+=,.@\\-_/]+");
    private static final Pattern BUCKET =
            Pattern.compile("arn:aws[-a-z0-9]*:s3:::[a-z0-9._-]{3,63}");
    private static final Pattern OWNER = Pattern.compile("\\d{12}");
    private static final Pattern ERRORS = Pattern.compile("[0-9A-Za-z!\\-_'.*()\\/]+");
    private static final Pattern TEMPLATE = Pattern.compile("[0-9A-Za-z!\\-_'.*()\\/=:{}]+");
    private static final Pattern TABLE_BUCKET =
            Pattern.compile(
                    "arn:aws[-a-z0-9]*:s3tables:[-a-z0-9]+:\\d{12}:bucket/[a-z0-9_-]{3,63}");
    private static final Pattern TABLE_NAME = Pattern.compile("[0-9a-z_]+");

    /** The formats of records. */
    enum Format {
        GSR_JSON,
        JSON,
        STRING,
        BYTE_ARRAY
    }

    private enum S3Compression {
        NONE,
        GZIP,
        ZSTD
    }

    private enum TablesCompression {
        NONE,
        ZSTD,
        SNAPPY
    }

    private enum StorageClass {
        STANDARD,
        INTELLIGENT_TIERING,
        GLACIER_IR
    }

    static ChannelConfiguration parse(String text) {
        try {
            return new ChannelConfiguration((ObjectNode) JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A channel's configuration is no JSON", e);
        }
    }

    String text() {
        return json.toString();
    }

    boolean toTables() {
        return json.has(TABLES);
    }

    Format format() {
        return Format.valueOf(json.path("RecordConfiguration").path("RecordFormatType").asText());
    }

    ObjectNode destination() {
        return (ObjectNode) json.get(toTables() ? TABLES : S3);
    }

    ChannelConfiguration withFreshness(int seconds) {
        ObjectNode copy = json.deepCopy();
        ((ObjectNode) copy.get(toTables() ? TABLES : S3)).put(FRESHNESS, seconds);
        return new ChannelConfiguration(copy);
    }

    ChannelConfiguration withLogging(JsonNode logging) {
        ObjectNode copy = json.deepCopy();
        copy.set("LoggingConfiguration", logging.deepCopy());
        return new ChannelConfiguration(copy);
    }

    // --- the form of a request

    /** Adds what is wrong with the form of a request to make one, besides name and stream. */
    static void check(Input input, Violations violations) {
        Optional<String> role = input.string("ServiceExecutionRoleARN");
        violations
                .required("serviceExecutionRoleARN", role)
                .length("serviceExecutionRoleARN", role, 1, 512)
                .pattern("serviceExecutionRoleARN", role, ROLE);
        input.structure(S3).ifPresent(s3 -> checkS3(s3, violations));
        input.structure(TABLES).ifPresent(tables -> checkTables(tables, violations));
    }

    private static void checkS3(Input s3, Violations violations) {
        String path = "s3DestinationConfiguration.";
        s3.structure(DEAD_LETTERS)
                .ifPresent(dead ->
                        checkBucket(dead, path + "deadLetterQueueS3Configuration.", violations));
        Optional<Input> storage = s3.structure(STORAGE);
        violations.required(path + "storageConfiguration", storage);
        if (storage.isEmpty()) {
            return;
        }
        String below = path + "storageConfiguration.";
        checkBucket(storage.get(), below, violations);
        Optional<String> compression = storage.get().string("CompressionType");
        Optional<String> template = storage.get().string("OutputKeyTemplate");
        violations
                .required(below + "compressionType", compression)
                .oneOf(below + "compressionType", compression, S3Compression.values())
                .oneOf(
                        below + "storageClass",
                        storage.get().string("StorageClass"),
                        StorageClass.values())
                .length(below + "outputKeyTemplate", template, 1, 1024)
                .pattern(below + "outputKeyTemplate", template, TEMPLATE);
    }

    private static void checkBucket(Input bucket, String path, Violations violations) {
        Optional<String> arn = bucket.string("BucketARN");
        Optional<String> owner = bucket.string("ExpectedBucketOwner");
        Optional<String> errors = bucket.string("ErrorOutputPrefix");
        violations
                .required(path + "bucketARN", arn)
                .length(path + "bucketARN", arn, 1, 2048)
                .pattern(path + "bucketARN", arn, BUCKET)
                .required(path + "expectedBucketOwner", owner)
                .pattern(path + "expectedBucketOwner", owner, OWNER)
                .length(path + "errorOutputPrefix", errors, 1, 512)
                .pattern(path + "errorOutputPrefix", errors, ERRORS);
    }

    private static void checkTables(Input tables, Violations violations) {
        String path = "s3TablesDestinationConfiguration.";
        Optional<Input> dead = tables.structure(DEAD_LETTERS);
        violations.required(path + "deadLetterQueueS3Configuration", dead);
        dead.ifPresent(
                some -> checkBucket(some, path + "deadLetterQueueS3Configuration.", violations));
        Optional<List<Input>> list = tables.structures("S3TablesConfigurationList");
        violations.required(path + "s3TablesConfigurationList", list);
        if (list.isEmpty()) {
            return;
        }
        violations.size("'[]'", path + "s3TablesConfigurationList", list.get().size(), 1, 10_000);
        for (int i = 0; i < list.get().size(); i++) {
            checkTable(
                    list.get().get(i),
                    path + "s3TablesConfigurationList." + (i + 1) + ".member.",
                    violations);
        }
    }

    private static void checkTable(Input table, String path, Violations violations) {
        Optional<String> bucket = table.string("TableBucketARN");
        Optional<String> namespace = table.string("Namespace");
        Optional<String> name = table.string("TableName");
        Optional<String> compression = table.string("CompressionType");
        violations
                .required(path + "tableBucketARN", bucket)
                .pattern(path + "tableBucketARN", bucket, TABLE_BUCKET)
                .required(path + "namespace", namespace)
                .length(path + "namespace", namespace, 1, 255)
                .pattern(path + "namespace", namespace, TABLE_NAME)
                .required(path + "tableName", name)
                .length(path + "tableName", name, 1, 255)
                .pattern(path + "tableName", name, TABLE_NAME)
                .required(path + "compressionType", compression)
                .oneOf(path + "compressionType", compression, TablesCompression.values());
    }

    // --- what it means

    /**
     * The configuration of a request whose form is checked.
     *
     * @param body the request
     * @param records its RecordConfiguration
     * @throws AwsException for what Amazon refuses, and for what cannot be carried here
     */
    static ChannelConfiguration of(ObjectNode body, ObjectNode records) {
        if (body.hasNonNull(S3) == body.hasNonNull(TABLES)) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "Exactly one of S3DestinationConfiguration and S3TablesDestinationConfiguration must be specified.");
        }
        ObjectNode json = JSON.createObjectNode();
        json.set("ServiceExecutionRoleARN", body.get("ServiceExecutionRoleARN"));
        json.set("RecordConfiguration", records);
        String destination = body.hasNonNull(S3) ? S3 : TABLES;
        json.set(destination, body.get(destination).deepCopy());
        json.set("LoggingConfiguration", logging(body.path("LoggingConfiguration")));
        ChannelConfiguration configuration = new ChannelConfiguration(json);
        configuration.fillIn();
        configuration.checkMeaning(body);
        return configuration;
    }

    private static ObjectNode logging(JsonNode given) {
        if (given instanceof ObjectNode some && some.path("CloudWatchLogs").isObject()) {
            return some.deepCopy();
        }
        ObjectNode logging = JSON.createObjectNode();
        logging.putObject("CloudWatchLogs").put("Enabled", false);
        return logging;
    }

    private void fillIn() {
        ObjectNode destination = destination();
        if (!destination.hasNonNull(FRESHNESS)) {
            destination.put(FRESHNESS, FRESHNESS_DEFAULT);
        }
        if (!destination.hasNonNull(DEAD_LETTERS)) {
            JsonNode storage = destination.path(STORAGE);
            ObjectNode dead = destination.putObject(DEAD_LETTERS);
            dead.set("BucketARN", storage.get("BucketARN"));
            dead.set("ExpectedBucketOwner", storage.get("ExpectedBucketOwner"));
        }
        ObjectNode dead = (ObjectNode) destination.get(DEAD_LETTERS);
        if (!dead.hasNonNull("ErrorOutputPrefix")) {
            dead.put("ErrorOutputPrefix", DEFAULT_ERRORS);
        }
    }

    private void checkMeaning(ObjectNode body) {
        checkFreshness(destination().path(FRESHNESS));
        Set<Format> formats =
                toTables()
                        ? Set.of(Format.GSR_JSON, Format.JSON)
                        : Set.of(Format.JSON, Format.STRING, Format.BYTE_ARRAY);
        if (!formats.contains(format())) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "RecordFormatType %s is not supported for %s destinations."
                            .formatted(
                                    format(),
                                    toTables() ? "streaming table" : "general purpose Amazon S3"));
        }
        if (body.hasNonNull("EncryptionConfiguration")) {
            throw notHere(
                    "EncryptionConfiguration: there is no KMS; have the bucket encrypt what it stores");
        }
        if (toTables()) {
            checkTables();
        } else {
            checkStorage();
        }
    }

    static void checkFreshness(JsonNode freshness) {
        boolean good =
                freshness.isIntegralNumber()
                        && freshness.asLong() >= 0
                        && freshness.asLong() <= FRESHNESS_MAX;
        if (!good) {
            throw AwsException.invalidArgument(
                    "DataFreshnessInSeconds must be between 0 and %d here, not %s."
                            .formatted(FRESHNESS_MAX, freshness));
        }
    }

    private void checkStorage() {
        JsonNode storage = destination().path(STORAGE);
        if (!storage.path("StorageClass").asText("STANDARD").equals("STANDARD")) {
            throw notHere(
                    "StorageClass %s: objects have the class that the bucket gives them"
                            .formatted(storage.path("StorageClass").asText()));
        }
        if (storage.path("OutputKeyTemplate").asText("").matches(".*[{}].*")) {
            throw notHere(
                    "OutputKeyTemplate with placeholders; give what names begin with, or apply a DeliveryStream whose prefix has expressions");
        }
        String bucket = storage.path("BucketARN").asText();
        if (!destination().path(DEAD_LETTERS).path("BucketARN").asText().equals(bucket)) {
            throw notHere(
                    "DeadLetterQueueS3Configuration with another bucket: what cannot be delivered goes into the destination's bucket, under ErrorOutputPrefix");
        }
    }

    private void checkTables() {
        if (format() == Format.GSR_JSON) {
            throw notHere("RecordFormatType GSR_JSON: there is no Glue Schema Registry; use JSON");
        }
        JsonNode list = destination().path("S3TablesConfigurationList");
        if (list.size() > 1) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "S3TablesConfigurationList must contain exactly one entry: one table is supported per channel.");
        }
        JsonNode table = list.get(0);
        if (table.hasNonNull("PartitionSpec")) {
            throw notHere(
                    "PartitionSpec: make the table, partitioned as you like, before the channel");
        }
        if (!table.path("CompressionType").asText().equals("ZSTD")) {
            throw notHere(
                    "CompressionType %s: data files are compressed as the table says, and by default with ZSTD"
                            .formatted(table.path("CompressionType").asText()));
        }
    }

    private static AwsException notHere(String what) {
        return AwsException.invalidArgument("This service cannot carry " + what + ".");
    }
}
