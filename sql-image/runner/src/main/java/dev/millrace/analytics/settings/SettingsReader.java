/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.analytics.engine.ApplicationPlan;
import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.StartAt;
import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.RowEncoder;
import dev.millrace.analytics.progress.InputTiming;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.EncryptionKeys;
import dev.millrace.table.Column;
import dev.millrace.table.DataFormat;
import dev.millrace.table.JsonPath;
import dev.millrace.table.TableDescription;
import dev.millrace.workload.settings.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the configuration that the operator writes: the resource's spec with the names of the
 * streams behind its inputs and outputs, and the SQL.
 */
public final class SettingsReader {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long YEAR_SECONDS = Duration.ofDays(366).toSeconds();

    private final Map<String, Object> kafka;
    private final EncryptionKeys keys;
    private final Path tables;

    /**
     * @param kafka how to reach the brokers
     * @param keys the keys of encrypted streams
     * @param tables where the connector finds the descriptions of the inputs
     */
    public SettingsReader(Map<String, Object> kafka, EncryptionKeys keys, Path tables) {
        this.kafka = kafka;
        this.keys = keys;
        this.tables = tables;
    }

    /**
     * @throws IllegalArgumentException if it is wrong; the message begins with the field
     */
    public ApplicationPlan read(String json) {
        Field root;
        try {
            root = new Field("", JSON.readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("No JSON: " + e.getOriginalMessage(), e);
        }
        Field spec = new Field("spec", root.get("spec").node());
        List<Input> inputs =
                spec.get("inputs").items().stream().map(SettingsReader::input).toList();
        List<Output> outputs =
                spec.get("outputs").items().stream().map(SettingsReader::output).toList();
        unique("spec.inputs", inputs.stream().map(Input::name).toList());
        unique("spec.outputs", outputs.stream().map(Output::name).toList());
        return new ApplicationPlan(
                root.get("uid").required(),
                root.get("versionId").text().orElse("1"),
                root.get("code").required(),
                root.get("fallbackCode").text(),
                inputs,
                outputs,
                start(spec),
                Optional.of(spec.get("historySeconds"))
                        .filter(Field::isPresent)
                        .map(field -> Duration.ofSeconds(field.number(0, 1, YEAR_SECONDS))),
                Duration.ofMillis(spec.get("latencyMilliseconds").number(250, 10, 60_000)),
                kafka,
                keys,
                tables);
    }

    private static void unique(String path, List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException(path + ": has none");
        }
        Set<String> seen = new HashSet<>();
        names.forEach(name -> {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(path + ": has the name " + name + " twice");
            }
        });
    }

    private static Input input(Field input) {
        String name = input.get("name").required();
        TableDescription table;
        try {
            table =
                    new TableDescription(
                            name,
                            input.get("stream")
                                    .map(StreamName::new)
                                    .orElseGet(() -> new StreamName(name)),
                            format(input.get("format")),
                            input.get("columns").items().stream()
                                    .map(SettingsReader::column)
                                    .toList(),
                            input.get("rowtime").get("column").text(),
                            input.get("onError")
                                    .map(SettingsReader::onError)
                                    .orElse(TableDescription.OnError.DROP));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(input.path())
                    ? e
                    : new IllegalArgumentException(input.path() + ": " + message, e);
        }
        return new Input(
                table,
                new InputTiming(
                        table.rowtime().isEmpty(),
                        Duration.ofSeconds(
                                input.get("rowtime")
                                        .get("allowedLatenessSeconds")
                                        .number(0, 0, YEAR_SECONDS)),
                        Duration.ofSeconds(
                                input.get("idleTimeoutSeconds").number(30, 1, YEAR_SECONDS))),
                !table.columns().isEmpty() || table.format().type() == DataFormat.Type.RAW);
    }

    private static TableDescription.OnError onError(String text) {
        return TableDescription.OnError.valueOf(text.toUpperCase(java.util.Locale.ROOT));
    }

    private static DataFormat format(Field format) {
        DataFormat.Type type =
                format.get("type").map(DataFormat.Type::valueOf).orElse(DataFormat.Type.JSON);
        String delimiter = format.get("delimiter").text().orElse(",");
        if (delimiter.length() != 1) {
            throw new IllegalArgumentException(
                    format.path() + ".delimiter: is one character, not '" + delimiter + "'");
        }
        try {
            return new DataFormat(type, delimiter.charAt(0), format.get("schema").text());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(format.path() + ": " + e.getMessage(), e);
        }
    }

    private static Column column(Field column) {
        String name = column.get("name").required();
        return new Column(
                name,
                column.get("type").required(),
                column.get("path").map(JsonPath::parse).orElseGet(() -> JsonPath.ofField(name)));
    }

    private static Output output(Field output) {
        String name = output.get("name").required();
        Field table = output.get("table");
        if (table.isPresent()) {
            return new Output.ToTable(
                    name,
                    table.get("catalog").required(),
                    table.get("schema").required(),
                    table.get("name").required(),
                    table.get("keyColumns").items().stream().map(Field::required).toList(),
                    table.get("versionColumn").text(),
                    table.get("batchColumn").text().orElse("millrace_batch"));
        }
        return new Output.ToStream(
                name,
                output.get("stream").map(StreamName::new).orElseGet(() -> new StreamName(name)),
                output.get("format")
                        .get("type")
                        .map(RowEncoder.Format::valueOf)
                        .orElse(RowEncoder.Format.JSON),
                output.get("partitionKeyColumn").text(),
                output.get("lateRows").flag(false)
                        ? Output.Content.LATE_ROWS
                        : output.get("malformedRows").flag(false)
                                ? Output.Content.MALFORMED
                                : Output.Content.RESULTS,
                Optional.of(output.get("earlySeconds"))
                        .filter(Field::isPresent)
                        .map(field -> Duration.ofSeconds(field.number(0, 1, 86_400))));
    }

    private static StartAt start(Field spec) {
        String position = spec.get("startingPosition").text().orElse("LATEST");
        return switch (position) {
            case "LATEST" -> new StartAt.Latest();
            case "TRIM_HORIZON" -> new StartAt.TrimHorizon();
            case "AT_TIMESTAMP" ->
                    new StartAt.AtTimestamp(
                            spec.get("startingTimestamp")
                                    .map(Instant::parse)
                                    .orElseThrow(() ->
                                            new IllegalArgumentException(
                                                    "spec.startingTimestamp: is missing")));
            default ->
                    throw new IllegalArgumentException(
                            "spec.startingPosition: is LATEST, TRIM_HORIZON or AT_TIMESTAMP, not "
                                    + position);
        };
    }
}
