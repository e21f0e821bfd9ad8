/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From a destination as Firehose's callers write it to {@code spec} of the DeliveryStream resource.
 * What names a thing at Amazon names one of the namespace here: a role is the Secret of its name
 * that holds the keys (and may hold the store's {@code endpoint}), a function's ARN is the Service
 * of its name.
 */
final class Translation {

    static final List<String> KINDS =
            List.of(
                    "S3",
                    "ExtendedS3",
                    "Redshift",
                    "Elasticsearch",
                    "Amazonopensearchservice",
                    "HttpEndpoint",
                    "Splunk",
                    "Iceberg");

    /** Named in the API, and not offered. */
    static final List<String> ABSENT = List.of("Snowflake", "AmazonOpenSearchServerless");

    private static final Pattern BUCKET =
            Pattern.compile("arn:[^:]*:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])");
    private static final Pattern ROLE = Pattern.compile("arn:[^:]*:iam::\\d{12}:role/(.+)");
    private static final Pattern SECRET =
            Pattern.compile("arn:[^:]*:secretsmanager:[^:]*:\\d{12}:secret:(.+)");
    private static final Pattern FUNCTION =
            Pattern.compile("arn:[^:]*:lambda:[^:]*:\\d{12}:function:([^:]+)(:.*)?");
    private static final Set<String> COMPRESSIONS =
            Set.of("UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY");
    private static final String GRAMMAR =
            "([^!]|![^{]|!\\{timestamp:[^}]+\\}|!\\{firehose:(random-string|error-output-type)\\}|!\\{partitionKeyFrom(Query|Lambda):[a-zA-Z0-9_.-]+\\})*!?";

    private static final int PARTITIONED_SIZE_MIN = 64;
    private static final Pattern ZONE = Pattern.compile("[a-zA-Z0-9/_+-]{0,50}");
    private static final Pattern EXTENSION = Pattern.compile("$|\\.[0-9a-z!\\-_.*'()]{1,127}");
    private static final int PREFIX_MAX = 1_024;

    // The bounds of the resource's fields.
    private static final int URL_MAX = 1_024;
    private static final int HTTP_URL_MAX = 1_000;
    private static final int TABLE_MAX = 512;
    private static final int COPY_OPTIONS_MAX = 10_240;
    private static final int INDEX_MAX = 80;
    private static final int TYPE_MAX = 100;
    private static final int ENDPOINT_NAME_MAX = 256;
    private static final int ATTRIBUTES_MAX = 50;
    private static final int RETRIES_MAX = 10;
    private static final int QUERY_MAX = 5_120;
    private static final Pattern ANY = Pattern.compile("(?s).*");
    private static final Pattern HTTP_URL = Pattern.compile("https?://[^\\s]+");
    private static final Pattern JDBC_URL =
            Pattern.compile("jdbc:(redshift|postgresql):(iam:)?//[^\\s]+");
    private static final Pattern INDEX =
            Pattern.compile("[^A-Z\\s\\\\/*?\"<>|,#:+_-][^A-Z\\s\\\\/*?\"<>|,#:]*");

    private enum IndexRotationPeriod {
        NoRotation,
        OneHour,
        OneDay,
        OneWeek,
        OneMonth
    }

    private enum DocumentId {
        FIREHOSE_DEFAULT,
        NO_DOCUMENT_ID
    }

    private enum ContentEncoding {
        NONE,
        GZIP
    }

    private enum HecEndpointType {
        Raw,
        Event
    }

    private enum SubRecordType {
        JSON,
        DELIMITED
    }

    private final String kind;
    private final String path;
    private final ObjectNode config;
    private final Structure structure;
    private final ObjectNode spec = Definition.JSON.createObjectNode();

    private Translation(String kind, ObjectNode config) {
        this.kind = kind;
        this.path = kind + "DestinationConfiguration";
        this.config = config;
        this.structure = new Structure(config, lowerFirst(path));
    }

    /**
     * The parts of {@code spec} that a destination decides.
     *
     * @throws AwsException for what Firehose refuses, and for what cannot be had here
     */
    static ObjectNode toSpec(String kind, ObjectNode config) {
        return new Translation(kind, config).translate();
    }

    private ObjectNode translate() {
        ObjectNode destination = spec.putObject("destination");
        switch (kind) {
            case "S3", "ExtendedS3" -> destination.set("s3", s3(structure, true));
            case "Redshift" -> redshift(destination.putObject("redshift"));
            case "Elasticsearch", "Amazonopensearchservice" ->
                    opensearch(destination.putObject("opensearch"));
            case "HttpEndpoint" -> httpEndpoint(destination.putObject("httpEndpoint"));
            case "Splunk" -> splunk(destination.putObject("splunk"));
            case "Iceberg" ->
                    throw invalid(
                            "a catalog cannot be named through this API; apply a DeliveryStream with spec.destination.iceberg");
            default -> throw invalid("is not offered");
        }
        processing();
        backup();
        JsonNode retry = config.path("RetryOptions").path("DurationInSeconds");
        if (retry.isNumber()) {
            range("RetryOptions.DurationInSeconds", retry.asLong(), 0, 7_200);
            spec.putObject("retry").put("durationSeconds", retry.asInt());
        }
        return spec;
    }

    // --- destinations

    private ObjectNode s3(Structure given, boolean isMain) {
        ObjectNode s3 = Definition.JSON.createObjectNode();
        String bucket = given.required("BucketARN");
        Matcher arn = BUCKET.matcher(bucket);
        if (!arn.matches()) {
            throw AwsException.invalidArgument(given.path() + ".bucketARN is no ARN of a bucket");
        }
        s3.put("bucket", arn.group(1));
        secretOf(given).ifPresent(name -> s3.putObject("credentialsSecretRef").put("name", name));
        prefix(given, s3);
        String compression = given.node().path("CompressionFormat").asText("UNCOMPRESSED");
        if (!COMPRESSIONS.contains(compression)) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "1 validation error detected: Value at '%s.compressionFormat' failed to satisfy constraint: Member must satisfy enum value set: [ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED]"
                            .formatted(given.path()));
        }
        s3.put("compression", compression);
        given.copy("CustomTimeZone", ZONE, s3, "customTimeZone");
        given.copy("FileExtension", EXTENSION, s3, "fileExtension");
        buffering(given, 1, 128, 900, s3);
        if (given.node()
                .path("DataFormatConversionConfiguration")
                .path("Enabled")
                .asBoolean(false)) {
            throw invalid(
                    "DataFormatConversionConfiguration needs a schema from Glue, which is not there; apply a DeliveryStream with spec.destination.s3.dataFormatConversion.columns");
        }
        if (isMain) {
            checkPartitioning(given.node(), s3);
        } else if (hasPartitionKeys(s3.path("prefix"))) {
            throw AwsException.invalidArgument(
                    "Prefix cannot contain partition keys: " + given.path());
        }
        return s3;
    }

    private void prefix(Structure given, ObjectNode s3) {
        given.copy("Prefix", s3, "prefix");
        given.copy("ErrorOutputPrefix", s3, "errorOutputPrefix");
        String prefix = s3.path("prefix").asText("");
        String error = s3.path("errorOutputPrefix").asText("");
        for (String text : new String[] {prefix, error}) {
            if (text.length() > PREFIX_MAX) {
                throw invalid("a prefix has at most %d characters".formatted(PREFIX_MAX));
            }
            if (!text.matches(GRAMMAR)) {
                throw invalid("'%s' is not of the form of a prefix".formatted(text));
            }
        }
        if (prefix.contains("!{") && error.isEmpty()) {
            throw AwsException.invalidArgument(
                    "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions");
        }
        if (prefix.contains("!{firehose:error-output-type}")) {
            throw AwsException.invalidArgument(
                    "Prefix cannot contain !{firehose:error-output-type}");
        }
        if (error.contains("!{") && !error.contains("!{firehose:error-output-type}")) {
            throw AwsException.invalidArgument(
                    "ErrorOutputPrefix must contain !{firehose:error-output-type} if it contains expressions");
        }
        if (hasPartitionKeys(s3.path("errorOutputPrefix"))) {
            throw AwsException.invalidArgument(
                    "ErrorOutputPrefix cannot contain partition keys: " + given.path());
        }
    }

    /** Whether a prefix is one of dynamic partitioning. */
    static boolean hasPartitionKeys(JsonNode prefix) {
        return prefix.asText("").contains("!{partitionKeyFrom");
    }

    private void checkPartitioning(JsonNode given, ObjectNode s3) {
        boolean keys = hasPartitionKeys(s3.path("prefix"));
        boolean enabled =
                given.path("DynamicPartitioningConfiguration").path("Enabled").asBoolean(false);
        if (keys && !enabled) {
            throw AwsException.invalidArgument(
                    "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.");
        }
        if (enabled && s3.path("errorOutputPrefix").asText("").isEmpty()) {
            throw AwsException.invalidArgument(
                    "ErrorOutputPrefix must be given when Dynamic Partitioning is enabled.");
        }
    }

    /**
     * What Firehose asks of buffers with dynamic partitioning. The resource may have less: there
     * the many small objects are the user's own.
     *
     * @throws AwsException if a request asks for less
     */
    static void checkHints(JsonNode partitioning, JsonNode hints) {
        if (!partitioning.path("Enabled").asBoolean(false)) {
            return;
        }
        if (hints.path("SizeInMBs").asInt(PARTITIONED_SIZE_MIN) < PARTITIONED_SIZE_MIN) {
            throw AwsException.invalidArgument(
                    "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.");
        }
        if (hints.path("IntervalInSeconds").asInt(1) < 1) {
            throw AwsException.invalidArgument(
                    "BufferingHints.IntervalInSeconds must be at least 1 when Dynamic Partitioning is enabled.");
        }
    }

    private void redshift(ObjectNode redshift) {
        redshift.put("jdbcUrl", structure.required("ClusterJDBCURL", URL_MAX, JDBC_URL));
        redshift.putObject("credentialsSecretRef").put("name", login());
        Structure copy = structure.get("CopyCommand");
        redshift.put("table", copy.required("DataTableName", TABLE_MAX, ANY));
        String columns = copy.node().path("DataTableColumns").asText("");
        if (!columns.isBlank()) {
            ArrayNode names = redshift.putArray("columns");
            for (String column : columns.split(",", -1)) {
                names.add(column.strip());
            }
        }
        copy.copy("CopyOptions", COPY_OPTIONS_MAX, redshift, "copyOptions");
        redshift.put("iamRole", structure.required("RoleARN", TABLE_MAX, ANY));
        ObjectNode s3 = s3(structure.get("S3Configuration"), false);
        if (s3.path("prefix").asText("").contains("!{") || s3.has("errorOutputPrefix")) {
            throw invalid(
                    "S3Configuration: neither expressions in Prefix nor ErrorOutputPrefix on the way to Redshift");
        }
        if (!Set.of("UNCOMPRESSED", "GZIP").contains(s3.path("compression").asText())) {
            throw invalid("S3Configuration: Redshift loads UNCOMPRESSED and GZIP");
        }
        redshift.set("s3", s3);
    }

    private void opensearch(ObjectNode opensearch) {
        if (config.path("ClusterEndpoint").asText("").isEmpty()) {
            throw invalid("ClusterEndpoint must be given: there are no domains here");
        }
        opensearch.put("endpoint", structure.required("ClusterEndpoint", URL_MAX, HTTP_URL));
        secretOf(structure)
                .ifPresent(name -> opensearch.putObject("credentialsSecretRef").put("name", name));
        opensearch.put("indexName", structure.required("IndexName", INDEX_MAX, INDEX));
        structure.copyOneOf(
                "IndexRotationPeriod",
                IndexRotationPeriod.values(),
                opensearch,
                "indexRotationPeriod");
        structure.copy("TypeName", TYPE_MAX, opensearch, "typeName");
        structure
                .get("DocumentIdOptions")
                .copyOneOf(
                        "DefaultDocumentIdFormat", DocumentId.values(), opensearch, "documentId");
        buffering(structure, 1, 100, 900, opensearch);
    }

    private void httpEndpoint(ObjectNode http) {
        Structure endpoint = structure.get("EndpointConfiguration");
        http.put("url", endpoint.required("Url", HTTP_URL_MAX, HTTP_URL));
        endpoint.copy("Name", ENDPOINT_NAME_MAX, http, "name");
        if (endpoint.node().has("AccessKey")) {
            throw invalid(
                    "AccessKey: give SecretsManagerConfiguration with the name of a Secret that has accessKey");
        }
        secretsManager().ifPresent(name -> http.putObject("accessKeySecretRef").put("name", name));
        Structure request = structure.get("RequestConfiguration");
        request.copyOneOf("ContentEncoding", ContentEncoding.values(), http, "contentEncoding");
        JsonNode common = request.node().path("CommonAttributes");
        range(path + ".requestConfiguration.commonAttributes", common.size(), 0, ATTRIBUTES_MAX);
        if (common.isArray()) {
            ObjectNode attributes = http.putObject("commonAttributes");
            common.forEach(attribute ->
                    attributes.put(
                            attribute.path("AttributeName").asText(),
                            attribute.path("AttributeValue").asText()));
        }
        buffering(structure, 1, 64, 900, http);
    }

    private void splunk(ObjectNode splunk) {
        splunk.put("hecEndpoint", structure.required("HECEndpoint", URL_MAX, HTTP_URL));
        structure.copyOneOf("HECEndpointType", HecEndpointType.values(), splunk, "hecEndpointType");
        splunk.putObject("tokenSecretRef")
                .put(
                        "name",
                        secretsManager()
                                .orElseThrow(() ->
                                        invalid(
                                                "HECToken: give SecretsManagerConfiguration with the name of a Secret that has token")));
        JsonNode timeout = config.path("HECAcknowledgmentTimeoutInSeconds");
        if (timeout.isNumber()) {
            range("HECAcknowledgmentTimeoutInSeconds", timeout.asLong(), 180, 600);
            splunk.put("acknowledgmentTimeoutSeconds", timeout.asInt());
        }
        buffering(structure, 1, 5, 60, splunk);
    }

    // --- processing and backup

    private void processing() {
        JsonNode given = config.path("ProcessingConfiguration");
        if (!given.isObject()) {
            return;
        }
        ObjectNode processing = spec.putObject("processing");
        processing.put("enabled", given.path("Enabled").asBoolean(false));
        ArrayNode processors = processing.putArray("processors");
        for (JsonNode processor : given.path("Processors")) {
            processor(processor, processors.addObject());
        }
    }

    private void processor(JsonNode given, ObjectNode processor) {
        String type = given.path("Type").asText();
        processor.put("type", type.equals("Lambda") ? "HttpFunction" : type);
        switch (type) {
            case "Lambda" -> {
                processor.put("url", functionUrl(parameter(given, "LambdaArn").orElse("")));
                parameter(given, "NumberOfRetries")
                        .ifPresent(text -> processor.put("numberOfRetries", retries(text)));
            }
            case "MetadataExtraction" ->
                    processor.put("query", query(parameter(given, "MetadataExtractionQuery")));
            case "RecordDeAggregation" -> {
                parameter(given, "SubRecordType")
                        .ifPresent(sub -> {
                            new Violations()
                                    .oneOf(
                                            "subRecordType",
                                            Optional.of(sub),
                                            SubRecordType.values())
                                    .check();
                            processor.put("subRecordType", sub);
                        });
                parameter(given, "Delimiter").ifPresent(text -> processor.put("delimiter", text));
            }
            case "AppendDelimiterToRecord" ->
                    parameter(given, "Delimiter")
                            .ifPresent(text -> processor.put("delimiter", text));
            case "CloudWatchLogProcessing" ->
                    processor.put(
                            "dataMessageExtraction",
                            parameter(given, "DataMessageExtraction")
                                    .map(Boolean::parseBoolean)
                                    .orElse(false));
            case "Decompression" -> {}
            default -> throw invalid("processor '%s' is not there".formatted(type));
        }
    }

    private String query(Optional<String> text) {
        String query = text.orElse("");
        if (query.isEmpty() || query.length() > QUERY_MAX) {
            throw invalid("MetadataExtractionQuery: jq of 1 to %d characters".formatted(QUERY_MAX));
        }
        return query;
    }

    private int retries(String text) {
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > RETRIES_MAX) {
            throw invalid(
                    "NumberOfRetries: a number from 0 to %d, not '%s'"
                            .formatted(RETRIES_MAX, text));
        }
        return Integer.parseInt(text);
    }

    private static Optional<String> parameter(JsonNode processor, String name) {
        for (JsonNode parameter : processor.path("Parameters")) {
            if (parameter.path("ParameterName").asText().equals(name)) {
                return Optional.of(parameter.path("ParameterValue").asText());
            }
        }
        return Optional.empty();
    }

    private String functionUrl(String arn) {
        if (arn.length() <= URL_MAX && HTTP_URL.matcher(arn).matches()) {
            return arn;
        }
        Matcher matcher = FUNCTION.matcher(arn);
        if (!matcher.matches()) {
            throw invalid("LambdaArn: neither an ARN of a function nor a URL");
        }
        return "http://" + dns(matcher.group(1)) + "/";
    }

    private void backup() {
        boolean toS3 = kind.endsWith("S3") || kind.equals("Redshift");
        String mode = config.path("S3BackupMode").asText("");
        String where = toS3 ? "S3BackupConfiguration" : "S3Configuration";
        if (toS3 && !mode.equals("Enabled")) {
            return;
        }
        if (!config.path(where).isObject()) {
            throw invalid(where + " must be given");
        }
        ObjectNode backup = spec.putObject("backup");
        backup.put("mode", toS3 || mode.startsWith("All") ? "AllData" : "FailedDataOnly");
        ObjectNode s3 = s3(structure.get(where), false);
        JsonNode interval = s3.path("buffering").path("intervalSeconds");
        if (interval.isNumber() && interval.asInt() < 60) {
            throw invalid(where + ".BufferingHints.IntervalInSeconds: 60 to 900 for a backup");
        }
        backup.set("s3", s3);
    }

    // --- small things

    private void buffering(
            Structure given, int sizeMin, int sizeMax, int seconds, ObjectNode into) {
        Structure hints = given.get("BufferingHints");
        JsonNode size = hints.node().path("SizeInMBs");
        JsonNode interval = hints.node().path("IntervalInSeconds");
        if (size.isNumber() != interval.isNumber()) {
            throw invalid("BufferingHints: give both of SizeInMBs and IntervalInSeconds, or none");
        }
        if (!size.isNumber()) {
            return;
        }
        range(hints.path() + ".sizeInMBs", size.asLong(), sizeMin, sizeMax);
        range(hints.path() + ".intervalInSeconds", interval.asLong(), 0, seconds);
        into.putObject("buffering")
                .put("sizeMiB", size.asInt())
                .put("intervalSeconds", interval.asInt());
    }

    private static void range(String where, long value, long min, long max) {
        new Violations().inRange(lowerFirst(where), Optional.of(value), min, max).check();
    }

    private String login() {
        return secretsManager()
                .orElseThrow(() ->
                        invalid(
                                "Username and Password: give SecretsManagerConfiguration with the name of a Secret that has username and password"));
    }

    private Optional<String> secretsManager() {
        String arn = config.path("SecretsManagerConfiguration").path("SecretARN").asText("");
        if (arn.isEmpty()) {
            return Optional.empty();
        }
        Matcher matcher = SECRET.matcher(arn);
        return Optional.of(dns(matcher.matches() ? matcher.group(1) : arn));
    }

    /** The Secret of a role; a role named {@code none} has none. */
    private static Optional<String> secretOf(Structure given) {
        Matcher matcher = ROLE.matcher(given.required("RoleARN"));
        if (!matcher.matches()) {
            throw AwsException.invalidArgument(given.path() + ".roleARN is no ARN of a role");
        }
        String name = dns(matcher.group(1).substring(matcher.group(1).lastIndexOf('/') + 1));
        return name.equals("none") ? Optional.empty() : Optional.of(name);
    }

    private static String dns(String name) {
        String safe =
                name.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9.-]+", "-")
                        .replaceAll("^[-.]+|[-.]+$", "");
        return safe.isEmpty() ? "none" : safe;
    }

    private AwsException invalid(String what) {
        return AwsException.invalidArgument(path + ": " + what);
    }

    static String lowerFirst(String text) {
        return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }
}
