/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.analytics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.millrace.crds.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an application is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AnalyticsApplicationStatus(
        @JsonPropertyDescription("The generation of spec that this speaks of; -1 before the first.")
                @Nullable Long observedGeneration,
        @JsonPropertyDescription(
                        "STARTING, RUNNING, UPDATING, STOPPED or READY (its code is wrong), as Kinesis Analytics has them.")
                @Nullable String applicationStatus,
        @JsonPropertyDescription("The version of the configuration.") @Nullable String versionId,
        @JsonPropertyDescription("What the version was made of.") @Nullable String configHash,
        @JsonPropertyDescription(
                        "The last SQL that Trino agreed to: it runs while a newer one is wrong.")
                @Nullable String lastValidSql,
        @JsonPropertyDescription(
                        "How far the watermark is behind the clock, rounded; exact in the metrics.")
                @Nullable String behind,
        @JsonPropertyDescription("Rows read since the pod began.") @Nullable Long rowsIn,
        @JsonPropertyDescription("Results written since the pod began.") @Nullable Long rowsOut,
        @JsonPropertyDescription("Rows that came too late, since the pod began.")
                @Nullable Long lateRows,
        @JsonPropertyDescription("Records that are no rows, since the pod began.")
                @Nullable Long malformedRows,
        @JsonPropertyDescription(
                        "Bytes that the application has to remember, beside the records themselves.")
                @Nullable Long stateBytes,
        @JsonPropertyDescription("Workers of its Trino that are ready.")
                @Nullable Integer readyWorkers,
        @JsonPropertyDescription(
                        "For inputs without columns: what the records of their streams suggest.")
                List<ProposedSchema> proposedSchemas,
        @JsonPropertyDescription("When the figures were last written: at most once a minute.")
                @Nullable String measuredAt,
        @JsonPropertyDescription(
                        "Ready, CodeValid, InputsReady, OutputsReady and, only while they hold, Reconciling, Stalled and ReconciliationPaused.")
                List<Condition> conditions) {

    public AnalyticsApplicationStatus {
        proposedSchemas = proposedSchemas == null ? List.of() : List.copyOf(proposedSchemas);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /** What the records of an input seem to be, in the form that spec takes. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProposedSchema(
            @JsonPropertyDescription("The input.") String input,
            @JsonPropertyDescription("How many records were looked at.") long records,
            @JsonPropertyDescription("How many of them are not of the format.") long otherRecords,
            @JsonPropertyDescription("For spec.inputs.format.")
                    AnalyticsApplicationSpec.@Nullable Format format,
            @JsonPropertyDescription("For spec.inputs.columns.")
                    List<AnalyticsApplicationSpec.Column> columns,
            @JsonPropertyDescription(
                            "For spec.inputs.rowtime.column: it seems to say when a row happened.")
                    @Nullable String rowtimeColumn) {
        public ProposedSchema {
            columns = columns == null ? List.of() : List.copyOf(columns);
        }
    }
}
