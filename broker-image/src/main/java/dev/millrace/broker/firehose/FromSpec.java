/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.stream.Streams;
import dev.millrace.shard.StreamName;
import java.util.Optional;

/**
 * How the API shows a delivery stream that was made as a resource: {@link Translation} the other
 * way. What has no name at Amazon is left out.
 */
final class FromSpec {

    private static final String NO_ROLE = "none";

    private final String account;

    private FromSpec(String account) {
        this.account = account;
    }

    static Definition.Aws aws(Definition definition, Streams streams) {
        JsonNode spec = definition.spec();
        FromSpec shown = new FromSpec(streams.account().id());
        JsonNode destination = spec.path("destination");
        String kind = kind(destination);
        ObjectNode config = shown.config(kind, destination);
        shown.processing(spec.path("processing"), config);
        shown.backup(spec.path("backup"), kind, config);
        JsonNode retry = spec.path("retry").path("durationSeconds");
        if (retry.isNumber()) {
            config.putObject("RetryOptions").put("DurationInSeconds", retry.asInt());
        }
        return new Definition.Aws(kind, config, shown.source(spec.path("source"), streams));
    }

    private static String kind(JsonNode destination) {
        if (destination.has("redshift")) {
            return "Redshift";
        }
        if (destination.has("opensearch")) {
            return "Amazonopensearchservice";
        }
        if (destination.has("httpEndpoint")) {
            return "HttpEndpoint";
        }
        if (destination.has("splunk")) {
            return "Splunk";
        }
        // Others than S3 are none of Firehose's own: shown as what they are most like.
        return destination.has("s3") ? "ExtendedS3" : "HttpEndpoint";
    }

    private ObjectNode config(String kind, JsonNode destination) {
        ObjectNode config = Definition.JSON.createObjectNode();
        switch (kind) {
            case "ExtendedS3" -> s3(destination.path("s3"), config);
            case "Redshift" -> {
                JsonNode redshift = destination.path("redshift");
                config.put("RoleARN", redshift.path("iamRole").asText(role(NO_ROLE)));
                config.put("ClusterJDBCURL", redshift.path("jdbcUrl").asText());
                config.putObject("CopyCommand")
                        .put("DataTableName", redshift.path("table").asText());
                secret(redshift.path("credentialsSecretRef"), config);
                s3(redshift.path("s3"), config.putObject("S3Configuration"));
            }
            case "Amazonopensearchservice" -> {
                JsonNode opensearch = destination.path("opensearch");
                config.put("RoleARN", role(nameOf(opensearch.path("credentialsSecretRef"))));
                config.put("ClusterEndpoint", opensearch.path("endpoint").asText());
                config.put("IndexName", opensearch.path("indexName").asText());
                config.put(
                        "IndexRotationPeriod",
                        opensearch.path("indexRotationPeriod").asText("OneDay"));
                hints(opensearch, config);
            }
            case "Splunk" -> {
                JsonNode splunk = destination.path("splunk");
                config.put("HECEndpoint", splunk.path("hecEndpoint").asText());
                config.put("HECEndpointType", splunk.path("hecEndpointType").asText("Raw"));
                secret(splunk.path("tokenSecretRef"), config);
                hints(splunk, config);
            }
            default -> {
                JsonNode http = destination.path("httpEndpoint");
                config.putObject("EndpointConfiguration")
                        .put("Url", http.path("url").asText("https://resource.invalid/"));
                secret(http.path("accessKeySecretRef"), config);
                hints(http, config);
            }
        }
        return config;
    }

    private void s3(JsonNode s3, ObjectNode config) {
        config.put("RoleARN", role(nameOf(s3.path("credentialsSecretRef"))));
        config.put("BucketARN", "arn:aws:s3:::" + s3.path("bucket").asText());
        copy(s3, "prefix", config, "Prefix");
        copy(s3, "errorOutputPrefix", config, "ErrorOutputPrefix");
        copy(s3, "customTimeZone", config, "CustomTimeZone");
        copy(s3, "fileExtension", config, "FileExtension");
        config.put("CompressionFormat", s3.path("compression").asText("UNCOMPRESSED"));
        hints(s3, config);
        if (s3.path("prefix").asText("").contains("!{partitionKeyFrom")) {
            config.putObject("DynamicPartitioningConfiguration").put("Enabled", true);
        }
    }

    private static void hints(JsonNode from, ObjectNode config) {
        JsonNode buffering = from.path("buffering");
        config.putObject("BufferingHints")
                .put("SizeInMBs", buffering.path("sizeMiB").asInt(5))
                .put("IntervalInSeconds", buffering.path("intervalSeconds").asInt(300));
    }

    private void processing(JsonNode processing, ObjectNode config) {
        if (!processing.isObject()) {
            return;
        }
        ObjectNode shown = config.putObject("ProcessingConfiguration");
        shown.put("Enabled", processing.path("enabled").asBoolean(true));
        ArrayNode processors = shown.putArray("Processors");
        for (JsonNode processor : processing.path("processors")) {
            String type = processor.path("type").asText();
            ObjectNode entry = processors.addObject();
            ArrayNode parameters = Definition.JSON.createArrayNode();
            switch (type) {
                case "HttpFunction" ->
                        parameter(parameters, "LambdaArn", processor.path("url").asText());
                case "MetadataExtraction" ->
                        parameter(
                                parameters,
                                "MetadataExtractionQuery",
                                processor.path("query").asText());
                case "AppendDelimiterToRecord" ->
                        parameter(
                                parameters, "Delimiter", processor.path("delimiter").asText("\\n"));
                default -> {
                    // Without parameters that Firehose knows.
                }
            }
            entry.put("Type", type.equals("HttpFunction") ? "Lambda" : type);
            entry.set("Parameters", parameters);
        }
    }

    private static void parameter(ArrayNode parameters, String name, String value) {
        parameters.addObject().put("ParameterName", name).put("ParameterValue", value);
    }

    private void backup(JsonNode backup, String kind, ObjectNode config) {
        if (!backup.isObject()) {
            return;
        }
        boolean toS3 = kind.equals("ExtendedS3") || kind.equals("Redshift");
        boolean all = backup.path("mode").asText().equals("AllData");
        String documents = kind.equals("Amazonopensearchservice") ? "Documents" : "Data";
        String what = kind.equals("Splunk") ? "Events" : documents;
        config.put(
                "S3BackupMode", toS3 ? "Enabled" : all ? "All" + what : "Failed" + what + "Only");
        s3(backup.path("s3"), config.putObject(toS3 ? "S3BackupConfiguration" : "S3Configuration"));
    }

    private Optional<ObjectNode> source(JsonNode source, Streams streams) {
        String stream = nameOf(source.path("streamRef"));
        if (stream.equals(NO_ROLE)) {
            return Optional.empty();
        }
        ObjectNode shown = Definition.JSON.createObjectNode();
        shown.put("KinesisStreamARN", streams.arnOf(new StreamName(stream)));
        shown.put("RoleARN", role(NO_ROLE));
        return Optional.of(shown);
    }

    private static void secret(JsonNode reference, ObjectNode config) {
        if (reference.isObject()) {
            config.putObject("SecretsManagerConfiguration")
                    .put("Enabled", true)
                    .put("SecretARN", reference.path("name").asText());
        }
    }

    private static String nameOf(JsonNode reference) {
        return reference.path("name").asText(NO_ROLE);
    }

    private String role(String name) {
        return "arn:aws:iam::" + account + ":role/" + name;
    }

    private static void copy(JsonNode from, String field, ObjectNode to, String name) {
        if (from.path(field).isTextual()) {
            to.put(name, from.path(field).textValue());
        }
    }
}
