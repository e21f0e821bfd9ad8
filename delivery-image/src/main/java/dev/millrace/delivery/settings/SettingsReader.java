/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.engine.Buffering;
import dev.millrace.delivery.engine.BufferingHints;
import dev.millrace.delivery.processing.Processor;
import dev.millrace.delivery.s3.Compression;
import dev.millrace.delivery.s3.ObjectFormat;
import dev.millrace.delivery.s3.PrefixExpression;
import dev.millrace.delivery.s3.S3Settings;
import dev.millrace.shard.StreamName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Reads the configuration that the operator mounts: a DeliveryStream's {@code spec} with what tells
 * it from others beside it ({@code name}, {@code uid}, {@code versionId}, {@code createdAt}, {@code
 * sourceStream}).
 */
public final class SettingsReader {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MIB = 1024 * 1024;

    private final Path secrets;

    /**
     * @param secrets below which each Secret is mounted in a directory of its name
     */
    public SettingsReader(Path secrets) {
        this.secrets = secrets;
    }

    /**
     * @throws IllegalArgumentException naming the field that is wrong
     */
    public DeliverySettings read(String json) {
        Field root;
        try {
            root = new Field("", JSON.readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The configuration is no JSON: " + e.getMessage(), e);
        }
        Field spec = root.get("spec");
        Field s3 = spec.get("destination").get("s3");
        if (!s3.isPresent()) {
            throw new IllegalArgumentException("spec.destination: this worker delivers to s3");
        }
        String name = root.get("name").required();
        List<Processor> processors = new ProcessorsReader(secrets).read(spec.get("processing"));
        Optional<Columns> columns = Columns.read(s3.get("dataFormatConversion"));
        columns.ifPresent(c -> processors.add(new Processor.CheckRows(c.reader())));
        return new DeliverySettings(
                name,
                name + "." + root.get("uid").required(),
                root.get("versionId").text().orElse("1"),
                root.get("sourceStream").map(StreamName::new).orElseGet(() -> sourceOf(spec)),
                start(root, spec.get("source")),
                new Buffering(
                        buffering(s3.get("buffering"), columns.isPresent() ? 128 : 5),
                        buffering(spec.get("backup").get("s3").get("buffering"), 5)),
                processors,
                separator(spec.get("processing")),
                target(s3, partitionKeys(processors), columns),
                backup(spec.get("backup")));
    }

    private static StreamName sourceOf(Field spec) {
        Field reference = spec.get("source").get("streamRef").get("name");
        return reference
                .map(StreamName::new)
                .orElseThrow(() -> new IllegalArgumentException("sourceStream: is missing"));
    }

    private static Optional<Instant> start(Field root, Field source) {
        String position = source.get("startingPosition").text().orElse("LATEST");
        return switch (position) {
            case "TRIM_HORIZON" -> Optional.empty();
            // Whatever was put since the DeliveryStream is there, as with Firehose.
            case "LATEST" -> Optional.of(instant(root.get("createdAt")));
            case "AT_TIMESTAMP" -> Optional.of(instant(source.get("startingTimestamp")));
            default ->
                    throw new IllegalArgumentException(
                            source.get("startingPosition").path()
                                    + ": '"
                                    + position
                                    + "' is none of LATEST, TRIM_HORIZON, AT_TIMESTAMP");
        };
    }

    private static Instant instant(Field field) {
        return field.map(Instant::parse)
                .orElseThrow(() -> new IllegalArgumentException(field.path() + ": is missing"));
    }

    private static BufferingHints buffering(Field buffering, int defaultMiB) {
        return new BufferingHints(
                buffering.get("sizeMiB").number(defaultMiB, 1, 128) * MIB,
                Duration.ofSeconds(buffering.get("intervalSeconds").number(300, 0, 900)));
    }

    private static String separator(Field processing) {
        String separator = "";
        for (Field processor : processing.get("processors").items()) {
            if (processor.get("type").required().equals("AppendDelimiterToRecord")) {
                separator = processor.get("delimiter").text().orElse("\n").replace("\\n", "\n");
            }
        }
        return separator;
    }

    /** Whether records may have partition keys at all. */
    private static boolean partitionKeys(List<Processor> processors) {
        return processors.stream()
                .anyMatch(processor ->
                        processor instanceof Processor.MetadataExtraction
                                || processor instanceof Processor.HttpFunction);
    }

    private Optional<S3Target> backup(Field backup) {
        Field s3 = backup.get("s3");
        boolean all =
                backup.get("mode")
                        .text()
                        .map(mode -> mode.startsWith("All"))
                        .orElse(s3.isPresent());
        return all && s3.isPresent()
                ? Optional.of(target(s3, false, Optional.empty()))
                : Optional.empty();
    }

    private S3Target target(Field s3, boolean hasPartitionKeys, Optional<Columns> columns) {
        ZoneId zone =
                s3.get("customTimeZone")
                        .map(text -> text.isEmpty() ? ZoneOffset.UTC : ZoneId.of(text))
                        .orElse(ZoneOffset.UTC);
        String prefix = s3.get("prefix").text().orElse("");
        Field errorPrefix = s3.get("errorOutputPrefix");
        if (!errorPrefix.isPresent() && PrefixExpression.hasExpressions(prefix)) {
            throw new IllegalArgumentException(
                    errorPrefix.path() + ": must be given where prefix has expressions");
        }
        PrefixExpression parsed = PrefixExpression.prefix(prefix, zone);
        if (!parsed.partitionKeys().isEmpty() && !hasPartitionKeys) {
            throw new IllegalArgumentException(
                    s3.get("prefix").path()
                            + ": has partition keys, and no processor MetadataExtraction gives any");
        }
        Compression compression =
                s3.get("compression").map(Compression::parse).orElse(Compression.UNCOMPRESSED);
        ObjectFormat format =
                columns.<ObjectFormat>map(c -> new ObjectFormat.Rows(c.file(), c.reader()))
                        .orElseGet(() -> new ObjectFormat.Plain(compression));
        String extension =
                s3.get("fileExtension")
                        .text()
                        .filter(text -> !text.isEmpty())
                        .orElse(format.extension());
        return new S3Target(
                bucket(s3),
                parsed,
                PrefixExpression.errorPrefix(errorPrefix.text().orElse(""), zone),
                zone,
                format,
                extension);
    }

    private S3Settings bucket(Field s3) {
        Optional<URI> endpoint = s3.get("endpoint").map(URI::create);
        return new S3Settings(
                endpoint,
                s3.get("region").text().orElse("us-east-1"),
                s3.get("bucket").required(),
                // Stores of one's own seldom have a host's name for each bucket.
                s3.get("pathStyle").flag(endpoint.isPresent()),
                s3.get("credentialsSecretRef").get("name").map(secrets::resolve));
    }
}
