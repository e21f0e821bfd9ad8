/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.analytics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.millrace.crds.delivery.Reference;
import dev.millrace.crds.pool.BrokerPoolSpec.Template;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a user wants of an application. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.sql) != has(self.sqlConfigMapRef)",
        message =
                "spec.sql: the SQL stands here or in the ConfigMap of sqlConfigMapRef, one of both",
        fieldPath = ".sql")
@ValidationRule(
        value =
                "(has(self.startingPosition) && self.startingPosition == 'AT_TIMESTAMP') == has(self.startingTimestamp)",
        message = "spec.startingTimestamp: given with AT_TIMESTAMP and only then",
        fieldPath = ".startingTimestamp")
@ValidationRule(
        value =
                "self.inputs.all(input, self.inputs.filter(other, other.name == input.name).size() == 1)",
        message = "spec.inputs: each has a name of its own",
        fieldPath = ".inputs")
@ValidationRule(
        value =
                "self.outputs.all(output, self.outputs.filter(other, other.name == output.name).size() == 1)",
        message = "spec.outputs: each has a name of its own",
        fieldPath = ".outputs")
@ValidationRule(
        value =
                "!has(self.catalogs) || self.catalogs.all(c, c.name != 'millrace' && c.name != 'system' && self.catalogs.filter(other, other.name == c.name).size() == 1)",
        message = "spec.catalogs: each has a name of its own, and neither millrace nor system",
        fieldPath = ".catalogs")
@ValidationRule(
        value =
                "self.outputs.all(o, !has(o.table) || (has(self.engine) && has(self.engine.url)) || (has(self.catalogs) && self.catalogs.exists(c, c.name == o.table.catalog)))",
        message = "spec.outputs.table.catalog: is the name of one of spec.catalogs",
        fieldPath = ".outputs")
public record AnalyticsApplicationSpec(
        @JsonPropertyDescription("The streams that the SQL reads, as tables.")
                @Required
                @Size(min = 1, max = 20)
                List<Input> inputs,
        @JsonPropertyDescription("Where results go.") @Required @Size(min = 1, max = 20)
                List<Output> outputs,
        @JsonPropertyDescription(
                        "INSERT INTO output SELECT ... FROM input, and CREATE VIEW steps, divided by semicolons.")
                @Size(min = 1, max = 100_000)
                @Nullable String sql,
        @JsonPropertyDescription("A ConfigMap of this namespace that holds the SQL.")
                @Nullable ConfigMapKey sqlConfigMapRef,
        @JsonPropertyDescription(
                        "Catalogs that the SQL can join with: Secrets of this namespace, each with the key catalog.properties, as Trino reads it.")
                @Size(max = 20)
                List<Catalog> catalogs,
        @JsonPropertyDescription(
                        "Where inputs are read from at first: LATEST (what is put from then on), TRIM_HORIZON (all that they have) or AT_TIMESTAMP. A changed application goes on where it was.")
                @Default("LATEST")
                StartingPosition startingPosition,
        @JsonPropertyDescription("The time for AT_TIMESTAMP, RFC 3339.")
                @Nullable String startingTimestamp,
        @JsonPropertyDescription(
                        "How far back OVER and joins look where the SQL does not say it, in seconds.")
                @Min(1)
                @Max(31_622_400)
                @Nullable Integer historySeconds,
        @JsonPropertyDescription(
                        "How long rows may wait for others to be run together, 10 to 60000; by default 250.")
                @Min(10)
                @Max(60_000)
                @Nullable Integer latencyMilliseconds,
        @JsonPropertyDescription("Running, or Stopped: nothing runs, and the position is kept.")
                @Default("Running")
                State state,
        @JsonPropertyDescription("The Trino that runs the queries; by default one in the pod.")
                @Nullable Engine engine,
        @JsonPropertyDescription("Another number restarts the pod.") @Min(0)
                @Nullable Integer restartNonce,
        @JsonPropertyDescription("Where the pod runs.") @Nullable Template template,
        @JsonPropertyDescription("The image of the pod, if not the operator's.") @Size(max = 512)
                @Nullable String image) {

    public AnalyticsApplicationSpec {
        inputs = inputs == null ? List.of() : List.copyOf(inputs);
        outputs = outputs == null ? List.of() : List.copyOf(outputs);
        catalogs = catalogs == null ? List.of() : List.copyOf(catalogs);
        startingPosition = startingPosition == null ? StartingPosition.LATEST : startingPosition;
        state = state == null ? State.Running : state;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.rowtime) || !has(self.rowtime.column) || (has(self.columns) && self.columns.exists(c, c.name == self.rowtime.column))",
            message = "spec.inputs.rowtime.column: is one of columns",
            fieldPath = ".rowtime")
    public record Input(
            @JsonPropertyDescription("The table's name in the SQL.")
                    @Required
                    @Pattern("^[a-z_][a-z0-9_]*$")
                    @Size(min = 1, max = 64)
                    String name,
            @JsonPropertyDescription("The Stream, of this namespace.") @Required
                    Reference streamRef,
            @JsonPropertyDescription("What a record's bytes are; by default JSON.")
                    @Nullable Format format,
            @JsonPropertyDescription(
                            "The columns. Without any, and with a format other than RAW, nothing is run: what the stream's records suggest is in status.proposedSchemas. RAW without columns has only what every record has: _data, _partition_key, _arrival_time, _shard_id, _sequence_number.")
                    @Size(max = 500)
                    List<Column> columns,
            @JsonPropertyDescription(
                            "What becomes of columns that are guessed because none are declared: Propose (they wait in the status) or Adopt (the first that are guessed are taken, and kept); by default Propose.")
                    @Nullable ColumnDiscovery columnDiscovery,
            @JsonPropertyDescription("When a row happened.") @Nullable Rowtime rowtime,
            @JsonPropertyDescription(
                            "After so many seconds without a row a shard does not hold the others up; by default 30.")
                    @Min(1)
                    @Max(31_622_400)
                    @Nullable Integer idleTimeoutSeconds,
            @JsonPropertyDescription(
                            "What becomes of a record that is no row: Drop (and count), Null (a row of NULLs), or Fail; by default Drop.")
                    @Nullable OnError onError) {
        public Input {
            columns = columns == null ? List.of() : List.copyOf(columns);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "[has(self.streamRef), has(self.deliveryStreamRef), has(self.table)].filter(x, x).size() == 1",
            message = "spec.outputs: each has one of streamRef, deliveryStreamRef and table",
            fieldPath = ".streamRef")
    @ValidationRule(
            value =
                    "!has(self.table) || !(has(self.format) || has(self.partitionKeyColumn) || has(self.lateRows) || has(self.malformedRows) || has(self.earlySeconds))",
            message =
                    "spec.outputs.table: has no format, partitionKeyColumn, lateRows, malformedRows or earlySeconds beside it",
            fieldPath = ".table")
    @ValidationRule(
            value =
                    "!(has(self.lateRows) && self.lateRows && has(self.malformedRows) && self.malformedRows)",
            message = "spec.outputs: lateRows or malformedRows, not both",
            fieldPath = ".lateRows")
    public record Output(
            @JsonPropertyDescription("Its name in the SQL.")
                    @Required
                    @Pattern("^[a-z_][a-z0-9_]*$")
                    @Size(min = 1, max = 64)
                    String name,
            @JsonPropertyDescription("A Stream, of this namespace.") @Nullable Reference streamRef,
            @JsonPropertyDescription(
                            "A DeliveryStream of this namespace whose source is DirectPut.")
                    @Nullable Reference deliveryStreamRef,
            @JsonPropertyDescription(
                            "A table of one of catalogs, each result once: by its key, or by a column that names our batches.")
                    @Nullable Table table,
            @JsonPropertyDescription("What a record's bytes are; by default JSON.")
                    @Nullable OutputFormat format,
            @JsonPropertyDescription(
                            "The column whose value is the partition key; without one results are spread over the shards.")
                    @Size(max = 128)
                    @Nullable String partitionKeyColumn,
            @JsonPropertyDescription("Late rows of the inputs go here, and no results.")
                    @Nullable Boolean lateRows,
            @JsonPropertyDescription(
                            "Records of the inputs that are no rows go here, with the reason and their place, and no results.")
                    @Nullable Boolean malformedRows,
            @JsonPropertyDescription(
                            "Results of windows that are still open are given every so many seconds, with a column op: +I for a row that comes, -D for one that is taken back. Without it a result comes once, when it is final.")
                    @Min(1)
                    @Max(86_400)
                    @Nullable Integer earlySeconds) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.versionColumn) || has(self.keyColumns)",
            message = "spec.outputs.table.versionColumn: only with keyColumns",
            fieldPath = ".versionColumn")
    public record Table(
            @JsonPropertyDescription("The catalog, one of spec.catalogs.")
                    @Required
                    @Size(min = 1, max = 55)
                    String catalog,
            @JsonPropertyDescription("The table's schema.") @Required @Size(min = 1, max = 128)
                    String schema,
            @JsonPropertyDescription("The table, which has to be there.")
                    @Required
                    @Size(min = 1, max = 128)
                    String name,
            @JsonPropertyDescription(
                            "The columns of the table's key: a result replaces the row of the same key (MERGE). Without any, results are added.")
                    @Size(min = 1, max = 16)
                    @Nullable List<String> keyColumns,
            @JsonPropertyDescription(
                            "With keyColumns: of several results of one key the one with the largest value here counts, whenever it comes.")
                    @Size(min = 1, max = 128)
                    @Nullable String versionColumn,
            @JsonPropertyDescription(
                            "Without keyColumns: a column of the table, varchar, that is given the name of our batch, so that none is added twice; by default millrace_batch.")
                    @Size(min = 1, max = 128)
                    @Nullable String batchColumn) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.type != 'AVRO' || has(self.schema)",
            message = "format.schema: AVRO needs the schema of its records, as JSON",
            fieldPath = ".schema")
    public record Format(
            @JsonPropertyDescription(
                            "JSON, CSV, AVRO (binary, one record, no container), or RAW: text in the one column.")
                    @Required
                    FormatType type,
            @JsonPropertyDescription("Between the fields of CSV; by default a comma.")
                    @Size(min = 1, max = 1)
                    @Nullable String delimiter,
            @JsonPropertyDescription("Of AVRO: the schema, JSON.") @Size(min = 1, max = 100_000)
                    @Nullable String schema) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record OutputFormat(
            @JsonPropertyDescription("JSON or CSV.") @Required OutputFormatType type) {}

    public enum FormatType {
        JSON,
        CSV,
        AVRO,
        RAW
    }

    public enum ColumnDiscovery {
        Propose,
        Adopt
    }

    public enum OutputFormatType {
        JSON,
        CSV
    }

    public enum OnError {
        Drop,
        Null,
        Fail
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Column(
            @JsonPropertyDescription("Its name in the SQL.")
                    @Required
                    @Pattern("^[a-z_][a-z0-9_]*$")
                    @Size(min = 1, max = 128)
                    String name,
            @JsonPropertyDescription(
                            "Its type, such as varchar, bigint, double, decimal(10,2), boolean, date, timestamp(3), json.")
                    @Required
                    @Size(min = 1, max = 64)
                    String type,
            @JsonPropertyDescription(
                            "Where it lies in JSON, such as $.customer.id; by default $.NAME.")
                    @Pattern("^\\$.*$")
                    @Size(max = 512)
                    @Nullable String path) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Rowtime(
            @JsonPropertyDescription(
                            "The column; by default a row happens when its record arrives.")
                    @Size(max = 128)
                    @Nullable String column,
            @JsonPropertyDescription("How much later than others a row may come; by default 0.")
                    @Min(0)
                    @Max(31_622_400)
                    @Nullable Integer allowedLatenessSeconds) {}

    public record ConfigMapKey(
            @JsonPropertyDescription("The ConfigMap.")
                    @Required
                    @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
                    @Size(min = 1, max = 253)
                    String name,
            @JsonPropertyDescription("The key of the SQL.") @Required @Size(min = 1, max = 253)
                    String key) {}

    public record Catalog(
            @JsonPropertyDescription("Its name in the SQL.")
                    @Required
                    // A volume of the pod is named after it: a DNS label with "catalog-" before it.
                    @Pattern("^[a-z]([a-z0-9_]*[a-z0-9])?$")
                    @Size(min = 1, max = 55)
                    String name,
            @JsonPropertyDescription("A Secret with the key catalog.properties.") @Required
                    Reference secretRef) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.credentialsSecretRef) || has(self.url)",
            message = "spec.engine.credentialsSecretRef: only with url",
            fieldPath = ".credentialsSecretRef")
    @ValidationRule(
            value = "!has(self.url) || !(has(self.workers) || has(self.workerResources))",
            message = "spec.engine.workers: a Trino with a url has its own",
            fieldPath = ".workers")
    public record Engine(
            @JsonPropertyDescription(
                            "An existing Trino that has our plugin, such as https://trino.example:8443; without it Trino runs in the pod.")
                    @Pattern("^https?://.*$")
                    @Size(max = 512)
                    @Nullable String url,
            @JsonPropertyDescription(
                            "A Secret with username and password, or accessToken, and perhaps ca.crt.")
                    @Nullable Reference credentialsSecretRef,
            @JsonPropertyDescription("CPU and memory of the Trino in the pod.")
                    @Nullable ResourceRequirements resources,
            @JsonPropertyDescription(
                            "So many more Trinos, each a pod, share the work with the one in the pod; by default 0.")
                    @Min(0)
                    @Max(100)
                    @Nullable Integer workers,
            @JsonPropertyDescription("CPU and memory of a worker; by default as in the pod.")
                    @Nullable ResourceRequirements workerResources) {}

    public enum StartingPosition {
        LATEST,
        TRIM_HORIZON,
        AT_TIMESTAMP
    }

    public enum State {
        Running,
        Stopped
    }
}
