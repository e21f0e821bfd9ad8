/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.processing.Processor;
import dev.millrace.workload.settings.Field;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads {@code spec.processing}. */
final class ProcessorsReader {

    private final Path secrets;

    ProcessorsReader(Path secrets) {
        this.secrets = secrets;
    }

    /**
     * The processors, in order.
     *
     * @throws IllegalArgumentException naming the field that is wrong
     */
    List<Processor> read(Field processing) {
        List<Processor> processors = new ArrayList<>();
        if (!processing.get("enabled").flag(true)) {
            return processors;
        }
        for (Field field : processing.get("processors").items()) {
            processor(field).ifPresent(processors::add);
        }
        return processors;
    }

    private Optional<Processor> processor(Field field) {
        String type = field.get("type").required();
        return switch (type) {
            // How objects are written; no stage.
            case "AppendDelimiterToRecord" -> Optional.empty();
            case "Decompression" -> Optional.of(new Processor.Decompression());
            case "CloudWatchLogProcessing" ->
                    Optional.of(
                            new Processor.CloudWatchLogs(
                                    field.get("dataMessageExtraction").flag(false)));
            case "RecordDeAggregation" -> Optional.of(deAggregation(field));
            case "MetadataExtraction" ->
                    Optional.of(new Processor.MetadataExtraction(field.get("query").required()));
            case "Jq" -> Optional.of(new Processor.Jq(field.get("query").required()));
            case "Filter" -> Optional.of(new Processor.Filter(field.get("query").required()));
            case "DropFields" -> Optional.of(new Processor.DropFields(texts(field.get("fields"))));
            case "RenameFields" ->
                    Optional.of(new Processor.RenameFields(names(field.get("names"))));
            case "ParseCsv" ->
                    Optional.of(
                            new Processor.ParseCsv(
                                    texts(field.get("columns")),
                                    field.get("delimiter").text().orElse(",").charAt(0)));
            case "ParseRegex" ->
                    Optional.of(
                            new Processor.ParseRegex(
                                    field.get("pattern")
                                            .map(Pattern::compile)
                                            .orElseThrow(() -> missing(field, "pattern"))));
            case "ParseKeyValue" ->
                    Optional.of(
                            new Processor.ParseKeyValue(
                                    field.get("pairDelimiter").text().orElse(" "),
                                    field.get("keyDelimiter").text().orElse("=")));
            case "HttpFunction" -> Optional.of(function(field));
            default ->
                    throw new IllegalArgumentException(
                            field.get("type").path() + ": '" + type + "' is no processor");
        };
    }

    private static Processor deAggregation(Field field) {
        String type = field.get("subRecordType").text().orElse("JSON");
        if (type.equals("JSON")) {
            return new Processor.SplitJson();
        }
        if (!type.equals("DELIMITED")) {
            throw new IllegalArgumentException(
                    field.get("subRecordType").path() + ": is neither JSON nor DELIMITED");
        }
        byte[] delimiter =
                field.get("delimiter")
                        .map(text -> Base64.getDecoder().decode(text))
                        .orElse("\n".getBytes(StandardCharsets.UTF_8));
        if (delimiter.length == 0) {
            throw new IllegalArgumentException(field.get("delimiter").path() + ": is empty");
        }
        return new Processor.SplitAt(delimiter);
    }

    private Processor function(Field field) {
        URI url = field.get("url").map(URI::create).orElseThrow(() -> missing(field, "url"));
        return new Processor.HttpFunction(
                url,
                (int) field.get("numberOfRetries").number(3, 0, 10),
                Duration.ofSeconds(field.get("timeoutSeconds").number(30, 1, 60)),
                field.get("tokenSecretRef").get("name").map(this::token));
    }

    private String token(String secret) {
        try {
            return Files.readString(secrets.resolve(secret).resolve("token")).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("Secret " + secret + " has no key token", e);
        }
    }

    private static List<String> texts(Field field) {
        List<String> texts = field.items().stream().map(Field::required).toList();
        if (texts.isEmpty()) {
            throw new IllegalArgumentException(field.path() + ": is missing");
        }
        return texts;
    }

    private static Map<String, String> names(Field field) {
        Map<String, String> names = new TreeMap<>();
        field.node()
                .properties()
                .forEach(name -> names.put(name.getKey(), name.getValue().asText()));
        if (names.isEmpty()) {
            throw new IllegalArgumentException(field.path() + ": is missing");
        }
        return names;
    }

    private static IllegalArgumentException missing(Field field, String name) {
        return new IllegalArgumentException(field.get(name).path() + ": is missing");
    }
}
