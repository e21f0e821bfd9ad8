/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.engine.Buffering;
import dev.millrace.delivery.engine.BufferingHints;
import dev.millrace.delivery.processing.Processor;
import dev.millrace.shard.StreamName;
import dev.millrace.workload.settings.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

    /** Ten times what Firehose allows; ManyKeysIT has a worker of 256 MiB with a fifth of it. */
    private static final int ACTIVE_PARTITIONS = 5_000;

    private static final int ACTIVE_PARTITIONS_MAX = 50_000;

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
        DestinationReader destination =
                DestinationReader.of(spec.get("destination"), new S3Reader(secrets), secrets);
        String name = root.get("name").required();
        List<Processor> processors = new ProcessorsReader(secrets).read(spec.get("processing"));
        destination
                .columns()
                .ifPresent(columns -> processors.add(new Processor.CheckRows(columns.reader())));
        if (destination.takesKeys()) {
            processors.add(new Processor.TakeKeyAlong());
        }
        Field backup = spec.get("backup");
        Field backupS3 = backup.get("s3");
        return new DeliverySettings(
                name,
                name + "." + root.get("uid").required(),
                root.get("versionId").text().orElse("1"),
                root.get("sourceStream").map(StreamName::new).orElseGet(() -> sourceOf(spec)),
                start(root, spec.get("source")),
                new Buffering(
                        destination.buffering(), buffering(backupS3.get("buffering"), 5, 300)),
                processors,
                (int)
                        spec.get("destination")
                                .get("s3")
                                .get("activePartitionsMax")
                                .number(ACTIVE_PARTITIONS, 1, ACTIVE_PARTITIONS_MAX),
                separator(spec.get("processing")),
                destination.read(name, givesPartitionKeys(processors)),
                backupS3.isPresent()
                        ? Optional.of(new S3Reader(secrets).read(backupS3, false, Optional.empty()))
                        : Optional.empty(),
                backupS3.isPresent()
                        && backup.get("mode").text().map(m -> m.startsWith("All")).orElse(true),
                Duration.ofSeconds(
                        spec.get("retry")
                                .get("durationSeconds")
                                .number(destination.retrySeconds(), 0, 7_200)));
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

    static BufferingHints buffering(Field buffering, int defaultMiB, int defaultSeconds) {
        return new BufferingHints(
                buffering.get("sizeMiB").number(defaultMiB, 1, 128) * MIB,
                Duration.ofSeconds(
                        buffering.get("intervalSeconds").number(defaultSeconds, 0, 900)));
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
    private static boolean givesPartitionKeys(List<Processor> processors) {
        return processors.stream()
                .anyMatch(processor ->
                        processor instanceof Processor.MetadataExtraction
                                || processor instanceof Processor.HttpFunction);
    }
}
