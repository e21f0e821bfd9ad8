/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.millrace.crds.pool.BrokerPoolSpec.Template;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants of a delivery stream. What has a default in one place only is in the schema,
 * and here for objects that never saw it; what depends on the destination is decided by the
 * workers.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "has(self.deliveryStreamName) == has(oldSelf.deliveryStreamName) && (!has(self.deliveryStreamName) || self.deliveryStreamName == oldSelf.deliveryStreamName)",
        message =
                "spec.deliveryStreamName cannot change: make another DeliveryStream, or delete this one first",
        fieldPath = ".deliveryStreamName")
@ValidationRule(
        value = "self.pool == oldSelf.pool",
        message = "spec.pool cannot change: the records lie on the brokers of the pool",
        fieldPath = ".pool")
@ValidationRule(
        value =
                "!has(self.destination.s3) || !has(self.destination.s3.prefix) || !self.destination.s3.prefix.contains('!{partitionKeyFrom') || (has(self.processing) && (!has(self.processing.enabled) || self.processing.enabled) && has(self.processing.processors) && self.processing.processors.exists(processor, processor.type == 'MetadataExtraction' || processor.type == 'HttpFunction'))",
        message =
                "spec.destination.s3.prefix: has partition keys, and no processor MetadataExtraction or HttpFunction gives any",
        fieldPath = ".destination")
@ValidationRule(
        value =
                "has(self.destination.s3) || has(self.destination.redshift) || has(self.destination.postgresql) || has(self.destination.stream) || has(self.destination.kafka) || has(self.backup)",
        message =
                "spec.backup: opensearch, httpEndpoint, iceberg and splunk need one, for what they refuse",
        fieldPath = ".backup")
@ValidationRule(
        value =
                "!has(self.backup) || self.backup.mode != 'FailedDataOnly' || !(has(self.destination.s3) || has(self.destination.redshift))",
        message =
                "spec.backup.mode: AllData with s3 and redshift, whose errors go below errorOutputPrefix",
        fieldPath = ".backup")
@ValidationRule(
        value =
                "!has(self.backup) || self.backup.mode != 'AllData' || !has(self.destination.iceberg)",
        message = "spec.backup.mode: FailedDataOnly with iceberg",
        fieldPath = ".backup")
@ValidationRule(
        value =
                "has(self.backup) || !has(oldSelf.backup) || !(has(self.destination.s3) || has(self.destination.redshift))",
        message =
                "spec.backup: with s3 and redshift it cannot be taken away; make another DeliveryStream",
        fieldPath = ".backup")
@ValidationRule(
        value =
                "!has(self.backup) || !has(oldSelf.backup) || !has(self.destination.opensearch) || self.backup.mode == oldSelf.backup.mode",
        message = "spec.backup.mode: cannot change with opensearch; make another DeliveryStream",
        fieldPath = ".backup")
@ValidationRule(
        value =
                "!has(self.backup) || !has(oldSelf.backup) || !has(self.destination.splunk) || self.backup.mode == 'AllData' || oldSelf.backup.mode != 'AllData'",
        message =
                "spec.backup.mode: AllData stays AllData with splunk; make another DeliveryStream",
        fieldPath = ".backup")
@ValidationRule(
        value = "!has(self.tags) || self.tags.all(key, key.size() >= 1 && key.size() <= 128)",
        message = "spec.tags: the key of a tag has 1 to 128 characters",
        fieldPath = ".tags")
public record DeliveryStreamSpec(
        @JsonPropertyDescription(
                        "The name that Firehose clients use; by default the resource's own name. Cannot change.")
                @Pattern("^[a-zA-Z0-9_.-]{1,64}$")
                @Size(min = 1, max = 64)
                @Nullable String deliveryStreamName,
        @JsonPropertyDescription("Where records come from.") Source source,
        @JsonPropertyDescription("Where records go: exactly one of these.") @Required
                Destination destination,
        @JsonPropertyDescription("What is done to records on the way.")
                @Nullable Processing processing,
        @JsonPropertyDescription("A bucket for what is not delivered, or for all as it came.")
                @Nullable Backup backup,
        @JsonPropertyDescription("How long delivery is tried before records go to the backup.")
                @Nullable Retry retry,
        @JsonPropertyDescription("Workers, which share the shards of the source.")
                @Default("1")
                @Min(1)
                @Max(1_000)
                Integer replicas,
        @JsonPropertyDescription(
                        "Running, or Suspended: nothing is delivered, and what is put is kept until the retention ends.")
                @Default("Running")
                State state,
        @JsonPropertyDescription("Another number restarts the workers.") @Min(0)
                @Nullable Integer restartNonce,
        @JsonPropertyDescription("Tags, as Firehose has them; at most 50.") @Size(max = 50)
                Map<String, String> tags,
        @JsonPropertyDescription(
                        "The BrokerPool of this namespace; for a Stream as source, the Stream's. Cannot change.")
                @Default("default")
                @Pattern("^[a-z]([-a-z0-9]*[a-z0-9])?$")
                @Size(min = 1, max = 40)
                String pool,
        @JsonPropertyDescription(
                        "What becomes of records that were put and not delivered when this resource is deleted: Delete, or Retain.")
                @Default("Delete")
                DeletionPolicy deletionPolicy,
        @JsonPropertyDescription("CPU and memory of each worker.")
                @Nullable ResourceRequirements resources,
        @JsonPropertyDescription("Where workers run.") @Nullable Template template,
        @JsonPropertyDescription("The worker image, if not the operator's.") @Size(max = 512)
                @Nullable String image) {

    public DeliveryStreamSpec {
        source =
                source == null
                        ? new Source(SourceType.DirectPut, null, null, null, null, null)
                        : source;
        replicas = replicas == null ? Integer.valueOf(1) : replicas;
        state = state == null ? State.Running : state;
        tags = tags == null ? Map.of() : Map.copyOf(tags);
        pool = pool == null ? "default" : pool;
        deletionPolicy = deletionPolicy == null ? DeletionPolicy.Delete : deletionPolicy;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.type == oldSelf.type",
            message = "spec.source.type cannot change: make another DeliveryStream",
            fieldPath = ".type")
    @ValidationRule(
            value =
                    "!has(self.streamRef) || !has(oldSelf.streamRef) || self.streamRef.name == oldSelf.streamRef.name",
            message = "spec.source.streamRef cannot change: make another DeliveryStream",
            fieldPath = ".streamRef")
    @ValidationRule(
            value = "(self.type == 'Stream') == has(self.streamRef)",
            message = "spec.source.streamRef: a source of type Stream has one, DirectPut has none",
            fieldPath = ".streamRef")
    @ValidationRule(
            value = "!has(self.startingPosition) || self.type == 'Stream'",
            message = "spec.source.startingPosition: only for a source of type Stream",
            fieldPath = ".startingPosition")
    @ValidationRule(
            value =
                    "(has(self.startingPosition) && self.startingPosition == 'AT_TIMESTAMP') == has(self.startingTimestamp)",
            message = "spec.source.startingTimestamp: given with AT_TIMESTAMP and only then",
            fieldPath = ".startingTimestamp")
    @ValidationRule(
            value =
                    "(!has(self.shardCount) && !has(self.retentionPeriodHours)) || self.type == 'DirectPut'",
            message =
                    "spec.source: shardCount and retentionPeriodHours are for DirectPut; a Stream has its own",
            fieldPath = ".shardCount")
    public record Source(
            @JsonPropertyDescription(
                            "DirectPut: what clients put with PutRecord and PutRecordBatch. Stream: the records of a Stream. Cannot change.")
                    @Default("DirectPut")
                    SourceType type,
            @JsonPropertyDescription("The Stream, of this namespace. Cannot change.")
                    @Nullable Reference streamRef,
            @JsonPropertyDescription(
                            "Where a Stream is read from at first: LATEST (what is put since this resource is there), TRIM_HORIZON (all that it has) or AT_TIMESTAMP; by default LATEST.")
                    @Nullable StartingPosition startingPosition,
            @JsonPropertyDescription("The time for AT_TIMESTAMP, RFC 3339.")
                    @Nullable String startingTimestamp,
            @JsonPropertyDescription(
                            "Shards for what is put, so the most workers there can be; by default 1. It can change.")
                    @Min(1)
                    @Max(10_000)
                    @Nullable Integer shardCount,
            @JsonPropertyDescription(
                            "How long what is put waits for a destination that does not answer, 24 to 8760; by default 24.")
                    @Min(24)
                    @Max(8_760)
                    @Nullable Integer retentionPeriodHours) {
        public Source {
            type = type == null ? SourceType.DirectPut : type;
        }
    }

    public enum SourceType {
        DirectPut,
        Stream
    }

    public enum StartingPosition {
        LATEST,
        TRIM_HORIZON,
        AT_TIMESTAMP
    }

    public enum State {
        Running,
        Suspended
    }

    public enum DeletionPolicy {
        Delete,
        Retain
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.s3.buffering) || !has(self.s3.buffering.intervalSeconds) || self.s3.buffering.intervalSeconds >= 60",
            message = "spec.backup.s3.buffering.intervalSeconds: 60 to 900 for a backup",
            fieldPath = ".s3")
    @ValidationRule(
            value =
                    "(!has(self.s3.prefix) || !self.s3.prefix.contains('!{partitionKeyFrom')) && !has(self.s3.dataFormatConversion)",
            message =
                    "spec.backup.s3: records go there as they came, with neither partition keys nor dataFormatConversion",
            fieldPath = ".s3")
    public record Backup(
            @JsonPropertyDescription(
                            "FailedDataOnly: what the destination refuses. AllData: all records as they came, too.")
                    @Required
                    BackupMode mode,
            @JsonPropertyDescription("The bucket.") @Required S3 s3) {}

    public enum BackupMode {
        FailedDataOnly,
        AllData
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Retry(
            @JsonPropertyDescription(
                            "In seconds, 0 to 7200; by default 3600 for redshift and 300 for others. S3 and postgresql are tried as long as the source keeps the records.")
                    @Min(0)
                    @Max(7_200)
                    @Nullable Integer durationSeconds) {}
}
