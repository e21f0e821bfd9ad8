/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * From a channel to the definition of the delivery stream that carries it, as {@code Definition} of
 * the Firehose API keeps it. What names a thing at Amazon names one of the namespace here: a role
 * is the Secret of its name, a table bucket is the Service of its name that is an Iceberg catalog.
 */
final class CarrierSpec {

    private static final int SIZE_MIB = 64;
    private static final String NO_ROLE = "none";

    private CarrierSpec() {}

    static String of(ChannelConfiguration channel, StreamName stream, Instant now) {
        ObjectNode spec = ChannelConfiguration.JSON.createObjectNode();
        spec.putObject("source")
                .put("type", "Stream")
                .put("startingPosition", "LATEST")
                .putObject("streamRef")
                .put("name", stream.value());
        if (channel.toTables()) {
            tables(channel, spec);
        } else {
            s3(channel, spec);
        }
        return definition(spec, 1, now);
    }

    /**
     * A definition with another freshness; all else, which may have been changed in the resource,
     * stays.
     */
    static String withFreshness(String definition, int seconds, Instant now) {
        try {
            JsonNode before = ChannelConfiguration.JSON.readTree(definition);
            ObjectNode spec = before.path("spec").deepCopy();
            ObjectNode destination = (ObjectNode) spec.get("destination");
            destination
                    .properties()
                    .forEach(kind ->
                            ((ObjectNode) kind.getValue())
                                    .withObject("/buffering")
                                    .put("intervalSeconds", seconds));
            return definition(spec, before.path("version").asLong(1) + 1, now);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A delivery stream's definition is no JSON", e);
        }
    }

    private static String definition(ObjectNode spec, long version, Instant now) {
        ObjectNode json = ChannelConfiguration.JSON.createObjectNode();
        json.set("spec", spec);
        json.put("version", Long.toString(version));
        json.put("updatedAt", now.toString());
        json.putObject("tags");
        return json.toString();
    }

    private static void s3(ChannelConfiguration channel, ObjectNode spec) {
        ObjectNode given = channel.destination();
        JsonNode storage = given.path(ChannelConfiguration.STORAGE);
        ObjectNode s3 = bucket(channel, storage, spec.putObject("destination").putObject("s3"));
        if (storage.hasNonNull("OutputKeyTemplate")) {
            s3.put("prefix", storage.path("OutputKeyTemplate").asText());
        }
        s3.put("errorOutputPrefix", errors(given));
        s3.put("compression", compression(storage.path("CompressionType").asText()));
        buffering(channel, s3);
        if (channel.format() != ChannelConfiguration.Format.BYTE_ARRAY) {
            // Lines, so that records can be told apart again.
            ObjectNode processing = spec.putObject("processing");
            processing.put("enabled", true);
            processing.putArray("processors").addObject().put("type", "AppendDelimiterToRecord");
        }
    }

    private static void tables(ChannelConfiguration channel, ObjectNode spec) {
        ObjectNode given = channel.destination();
        JsonNode table = given.path("S3TablesConfigurationList").get(0);
        String arn = table.path("TableBucketARN").asText();
        ObjectNode iceberg = spec.putObject("destination").putObject("iceberg");
        ObjectNode catalog = iceberg.putObject("catalog");
        catalog.put("type", "REST");
        catalog.put("uri", "http://" + dns(arn.substring(arn.lastIndexOf('/') + 1)) + "/");
        secret(channel)
                .ifPresent(name -> catalog.putObject("credentialsSecretRef").put("name", name));
        iceberg.putArray("tables")
                .addObject()
                .put("database", table.path("Namespace").asText())
                .put("table", table.path("TableName").asText());
        buffering(channel, iceberg);
        JsonNode dead = given.path(ChannelConfiguration.DEAD_LETTERS);
        ObjectNode backup = spec.putObject("backup");
        backup.put("mode", "FailedDataOnly");
        bucket(channel, dead, backup.putObject("s3")).put("errorOutputPrefix", errors(given));
    }

    private static ObjectNode bucket(
            ChannelConfiguration channel, JsonNode given, ObjectNode into) {
        String arn = given.path("BucketARN").asText();
        into.put("bucket", arn.substring(arn.lastIndexOf(':') + 1));
        secret(channel).ifPresent(name -> into.putObject("credentialsSecretRef").put("name", name));
        return into;
    }

    private static String errors(JsonNode destination) {
        return destination
                .path(ChannelConfiguration.DEAD_LETTERS)
                .path("ErrorOutputPrefix")
                .asText();
    }

    private static String compression(String type) {
        return type.equals("NONE") ? "UNCOMPRESSED" : type;
    }

    private static void buffering(ChannelConfiguration channel, ObjectNode into) {
        into.putObject("buffering")
                .put("sizeMiB", SIZE_MIB)
                .put(
                        "intervalSeconds",
                        channel.destination().path(ChannelConfiguration.FRESHNESS).asInt());
    }

    /** The Secret of the role; a role named {@code none} has none. */
    private static Optional<String> secret(ChannelConfiguration channel) {
        String role = channel.json().path("ServiceExecutionRoleARN").asText();
        String name = dns(role.substring(role.lastIndexOf('/') + 1));
        return name.equals(NO_ROLE) ? Optional.empty() : Optional.of(name);
    }

    private static String dns(String name) {
        String safe =
                name.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9.-]+", "-")
                        .replaceAll("^[-.]+|[-.]+$", "");
        return safe.isEmpty() ? NO_ROLE : safe;
    }
}
