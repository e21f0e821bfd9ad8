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
import org.jspecify.annotations.Nullable;

/** A bucket, and how objects in it are named and written. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.prefix) || self.prefix.matches('" + S3.GRAMMAR + "')",
        message = "prefix: " + S3.GRAMMAR_IN_WORDS,
        fieldPath = ".prefix")
@ValidationRule(
        value =
                "!has(self.errorOutputPrefix) || self.errorOutputPrefix.matches('"
                        + S3.GRAMMAR
                        + "')",
        message = "errorOutputPrefix: " + S3.GRAMMAR_IN_WORDS,
        fieldPath = ".errorOutputPrefix")
@ValidationRule(
        value =
                "!has(self.prefix) || !self.prefix.contains('!{') || (has(self.errorOutputPrefix) && self.errorOutputPrefix != '')",
        message = "errorOutputPrefix: must be given where prefix has expressions",
        fieldPath = ".errorOutputPrefix")
@ValidationRule(
        value = "!has(self.prefix) || !self.prefix.contains('!{firehose:error-output-type}')",
        message = "prefix: !{firehose:error-output-type} belongs into errorOutputPrefix",
        fieldPath = ".prefix")
@ValidationRule(
        value =
                "!has(self.errorOutputPrefix) || !self.errorOutputPrefix.contains('!{') || self.errorOutputPrefix.contains('!{firehose:error-output-type}')",
        message =
                "errorOutputPrefix: has expressions and must include !{firehose:error-output-type}",
        fieldPath = ".errorOutputPrefix")
@ValidationRule(
        value =
                "!has(self.errorOutputPrefix) || !self.errorOutputPrefix.contains('!{partitionKeyFrom')",
        message = "errorOutputPrefix: partition keys belong into prefix",
        fieldPath = ".errorOutputPrefix")
@ValidationRule(
        value =
                "!has(self.prefix) || !self.prefix.contains('!{partitionKeyFrom') || !has(self.buffering) || !has(self.buffering.intervalSeconds) || self.buffering.intervalSeconds > 0",
        message = "buffering.intervalSeconds: cannot be 0 where prefix has partition keys",
        fieldPath = ".buffering")
@ValidationRule(
        value =
                "(has(self.prefix) && self.prefix.contains('!{partitionKeyFrom')) == (has(oldSelf.prefix) && oldSelf.prefix.contains('!{partitionKeyFrom'))",
        message =
                "spec.destination.s3.prefix: dynamic partitioning can neither begin nor end; make another DeliveryStream",
        fieldPath = ".prefix")
@ValidationRule(
        value =
                "!has(self.dataFormatConversion) || !has(self.compression) || self.compression == 'UNCOMPRESSED'",
        message =
                "compression: must be UNCOMPRESSED with dataFormatConversion, whose output has a compression of its own",
        fieldPath = ".compression")
@ValidationRule(
        value =
                "!has(self.dataFormatConversion) || !has(self.buffering) || !has(self.buffering.sizeMiB) || self.buffering.sizeMiB >= 64",
        message = "buffering.sizeMiB: at least 64 with dataFormatConversion",
        fieldPath = ".buffering")
public record S3(
        @JsonPropertyDescription("The bucket, which must exist.")
                @Required
                @Pattern("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
                @Size(min = 3, max = 63)
                String bucket,
        @JsonPropertyDescription(
                        "The URL of an S3-compatible store; by default Amazon's, of the region.")
                @Pattern("^https?://[^\\s]+$")
                @Size(max = 1_024)
                @Nullable String endpoint,
        @JsonPropertyDescription("The region; by default us-east-1.")
                @Pattern("^[a-z0-9-]+$")
                @Size(max = 63)
                @Nullable String region,
        @JsonPropertyDescription(
                        "Whether the bucket is in the URL's path, not its host; by default where there is an endpoint.")
                @Nullable Boolean pathStyle,
        @JsonPropertyDescription(
                        "A Secret with accessKeyId, secretAccessKey and perhaps sessionToken; without it, what the pod's environment has.")
                @Nullable Reference credentialsSecretRef,
        @JsonPropertyDescription(
                        "What names of objects begin with; by default the hour, yyyy/MM/dd/HH/. May have !{timestamp:...}, !{firehose:random-string} and !{partitionKeyFromQuery:...}.")
                @Size(max = 1_024)
                @Nullable String prefix,
        @JsonPropertyDescription(
                        "What names of objects with records begin with that cannot be delivered.")
                @Size(max = 1_024)
                @Nullable String errorOutputPrefix,
        @JsonPropertyDescription("The time zone of times in names, such as Europe/Berlin.")
                @Pattern("^$|^[a-zA-Z0-9/_+-]+$")
                @Size(max = 50)
                @Nullable String customTimeZone,
        @JsonPropertyDescription("The end of objects' names, instead of the compression's.")
                @Pattern("^$|^\\.[0-9a-z!\\-_.*'()]+$")
                @Size(max = 128)
                @Nullable String fileExtension,
        @JsonPropertyDescription("How objects are compressed; by default not at all.")
                @Nullable Compression compression,
        @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering,
        @JsonPropertyDescription(
                        "How many partitions of dynamic partitioning each worker has under way at most, 1 to 50000, by default 5000; records of more go below errorOutputPrefix as activePartitionExceeded.")
                @Min(1)
                @Max(50_000)
                @Nullable Integer activePartitionsMax,
        @JsonPropertyDescription("JSON records become rows of Parquet or ORC.")
                @Nullable DataFormatConversion dataFormatConversion) {

    static final String GRAMMAR =
            "^([^!]|![^{]|!\\\\{timestamp:[^}]+\\\\}|!\\\\{firehose:(random-string|error-output-type)\\\\}|!\\\\{partitionKeyFrom(Query|Lambda):[a-zA-Z0-9_.-]+\\\\})*!?$";
    static final String GRAMMAR_IN_WORDS =
            "an expression is !{timestamp:PATTERN}, !{firehose:random-string}, !{firehose:error-output-type}, !{partitionKeyFromQuery:KEY} or !{partitionKeyFromLambda:KEY}, closed by }";

    public enum Compression {
        UNCOMPRESSED,
        GZIP,
        ZIP,
        Snappy,
        HADOOP_SNAPPY,
        ZSTD
    }
}
