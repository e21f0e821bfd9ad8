/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is done to records before they are delivered. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Processing(
        @JsonPropertyDescription("Whether the processors are used; by default they are.")
                @Nullable Boolean enabled,
        @JsonPropertyDescription("The processors, in the order in which they are used.")
                @Size(max = 30)
                List<Processor> processors) {

    public Processing {
        processors = processors == null ? List.of() : List.copyOf(processors);
    }

    public enum Type {
        RecordDeAggregation,
        Decompression,
        CloudWatchLogProcessing,
        HttpFunction,
        MetadataExtraction,
        AppendDelimiterToRecord,
        Jq,
        Filter,
        DropFields,
        RenameFields,
        ParseCsv,
        ParseRegex,
        ParseKeyValue
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!(self.type in ['MetadataExtraction', 'Jq', 'Filter']) || (has(self.query) && self.query != '')",
            message = "query: processors MetadataExtraction, Jq and Filter need one",
            fieldPath = ".query")
    @ValidationRule(
            value = "self.type != 'HttpFunction' || has(self.url)",
            message = "url: processor HttpFunction needs one",
            fieldPath = ".url")
    @ValidationRule(
            value = "self.type != 'DropFields' || (has(self.fields) && self.fields.size() > 0)",
            message = "fields: processor DropFields needs some",
            fieldPath = ".fields")
    @ValidationRule(
            value = "self.type != 'RenameFields' || (has(self.names) && self.names.size() > 0)",
            message = "names: processor RenameFields needs some",
            fieldPath = ".names")
    @ValidationRule(
            value = "self.type != 'ParseCsv' || (has(self.columns) && self.columns.size() > 0)",
            message = "columns: processor ParseCsv needs some",
            fieldPath = ".columns")
    @ValidationRule(
            value = "self.type != 'ParseCsv' || !has(self.delimiter) || self.delimiter.size() == 1",
            message = "delimiter: of processor ParseCsv is one character",
            fieldPath = ".delimiter")
    @ValidationRule(
            value = "self.type != 'ParseRegex' || (has(self.pattern) && self.pattern != '')",
            message = "pattern: processor ParseRegex needs one",
            fieldPath = ".pattern")
    public record Processor(
            @JsonPropertyDescription("What it does.") @Required Type type,
            @JsonPropertyDescription(
                            "jq, for MetadataExtraction (an object of partition keys), Jq and Filter.")
                    @Size(max = 5_120)
                    @Nullable String query,
            @JsonPropertyDescription("The URL of an HttpFunction, which speaks Lambda's contract.")
                    @Pattern("^https?://[^\\s]+$")
                    @Size(max = 1_024)
                    @Nullable String url,
            @JsonPropertyDescription("A Secret with the key token, for an HttpFunction.")
                    @Nullable Reference tokenSecretRef,
            @JsonPropertyDescription("How often an HttpFunction is asked again; by default 3.")
                    @Min(0)
                    @Max(10)
                    @Nullable Integer numberOfRetries,
            @JsonPropertyDescription("How long an HttpFunction may take; by default 30.")
                    @Min(1)
                    @Max(60)
                    @Nullable Integer timeoutSeconds,
            @JsonPropertyDescription("JSON or DELIMITED, for RecordDeAggregation.")
                    @Nullable SubRecordType subRecordType,
            @JsonPropertyDescription(
                            "Between records (AppendDelimiterToRecord, by default a newline), between columns (ParseCsv), or in Base64 for RecordDeAggregation.")
                    @Size(max = 1_024)
                    @Nullable String delimiter,
            @JsonPropertyDescription(
                            "Whether CloudWatchLogProcessing takes the messages out of their envelope.")
                    @Nullable Boolean dataMessageExtraction,
            @JsonPropertyDescription("The fields that DropFields drops.") @Size(max = 200)
                    @Nullable List<String> fields,
            @JsonPropertyDescription("From names to new names, for RenameFields.")
                    @Nullable Map<String, String> names,
            @JsonPropertyDescription("The columns of ParseCsv, in their order.") @Size(max = 200)
                    @Nullable List<String> columns,
            @JsonPropertyDescription("A regular expression with named groups, for ParseRegex.")
                    @Size(max = 5_120)
                    @Nullable String pattern,
            @JsonPropertyDescription("Between pairs, for ParseKeyValue; by default a space.")
                    @Size(min = 1, max = 32)
                    @Nullable String pairDelimiter,
            @JsonPropertyDescription("Between key and value, for ParseKeyValue; by default =.")
                    @Size(min = 1, max = 32)
                    @Nullable String keyDelimiter) {}

    public enum SubRecordType {
        JSON,
        DELIMITED
    }
}
