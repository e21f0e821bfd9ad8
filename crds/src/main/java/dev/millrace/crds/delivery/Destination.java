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

/** Where records go: one of these. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "[has(self.s3), has(self.redshift), has(self.postgresql), has(self.opensearch), has(self.httpEndpoint), has(self.iceberg), has(self.splunk), has(self.stream), has(self.kafka)].filter(given, given).size() == 1",
        message =
                "spec.destination: exactly one of s3, redshift, postgresql, opensearch, httpEndpoint, iceberg, splunk, stream and kafka")
@ValidationRule(
        value =
                "has(self.s3) == has(oldSelf.s3) && has(self.redshift) == has(oldSelf.redshift) && has(self.postgresql) == has(oldSelf.postgresql) && has(self.opensearch) == has(oldSelf.opensearch) && has(self.httpEndpoint) == has(oldSelf.httpEndpoint) && has(self.iceberg) == has(oldSelf.iceberg) && has(self.splunk) == has(oldSelf.splunk) && has(self.stream) == has(oldSelf.stream) && has(self.kafka) == has(oldSelf.kafka)",
        message =
                "spec.destination: its kind cannot change; make another DeliveryStream, or delete this one first")
public record Destination(
        @JsonPropertyDescription("Objects in a bucket.") @Nullable S3 s3,
        @JsonPropertyDescription("Rows of a table in Amazon Redshift, loaded from S3.")
                @Nullable Redshift redshift,
        @JsonPropertyDescription("Rows of a table in PostgreSQL.") @Nullable Postgresql postgresql,
        @JsonPropertyDescription("Documents in OpenSearch or Elasticsearch.")
                @Nullable Opensearch opensearch,
        @JsonPropertyDescription("Requests to a web server, as Firehose sends them.")
                @Nullable HttpEndpoint httpEndpoint,
        @JsonPropertyDescription("Rows of Apache Iceberg tables.") @Nullable Iceberg iceberg,
        @JsonPropertyDescription("Events of Splunk's HTTP Event Collector.")
                @Nullable Splunk splunk,
        @JsonPropertyDescription("Records of another Stream.") @Nullable ToStream stream,
        @JsonPropertyDescription("Records of a topic of another Kafka.") @Nullable Kafka kafka) {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.s3.compression) || self.s3.compression in ['UNCOMPRESSED', 'GZIP']",
            message = "s3.compression: Redshift loads UNCOMPRESSED and GZIP",
            fieldPath = ".s3")
    @ValidationRule(
            value =
                    "!has(self.s3.errorOutputPrefix) && (!has(self.s3.prefix) || !self.s3.prefix.contains('!{')) && !has(self.s3.dataFormatConversion)",
            message =
                    "s3: neither expressions in prefix, nor errorOutputPrefix, nor dataFormatConversion on the way to Redshift",
            fieldPath = ".s3")
    public record Redshift(
            @JsonPropertyDescription("jdbc:redshift://host:port/database")
                    @Required
                    @Pattern("^jdbc:(redshift|postgresql):(iam:)?//[^\\s]+$")
                    @Size(max = 1_024)
                    String jdbcUrl,
            @JsonPropertyDescription("A Secret with username and password.") @Required
                    Reference credentialsSecretRef,
            @JsonPropertyDescription("The table, which must exist; may have a schema in front.")
                    @Required
                    @Size(min = 1, max = 512)
                    String table,
            @JsonPropertyDescription("The columns that are loaded; by default all.")
                    @Size(max = 1_600)
                    @Nullable List<String> columns,
            @JsonPropertyDescription("Options of COPY, such as FORMAT AS JSON 'auto' GZIP.")
                    @Size(max = 10_240)
                    @Nullable String copyOptions,
            @JsonPropertyDescription(
                            "The role by which Redshift reads the bucket; by default it gets the bucket's access key.")
                    @Size(max = 512)
                    @Nullable String iamRole,
            @JsonPropertyDescription("Where objects lie that Redshift loads.") @Required S3 s3) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Postgresql(
            @JsonPropertyDescription("jdbc:postgresql://host:port/database")
                    @Required
                    @Pattern("^jdbc:postgresql://[^\\s]+$")
                    @Size(max = 1_024)
                    String jdbcUrl,
            @JsonPropertyDescription("A Secret with username and password.") @Required
                    Reference credentialsSecretRef,
            @JsonPropertyDescription("The table, which must exist; may have a schema in front.")
                    @Required
                    @Size(min = 1, max = 255)
                    String table,
            @JsonPropertyDescription(
                            "The columns that are written, from JSON fields of their names; by default all of the table.")
                    @Size(max = 1_600)
                    @Nullable List<String> columns,
            @JsonPropertyDescription(
                            "Columns with a unique index: a row with the same values is updated. By default rows are only added.")
                    @Size(max = 32)
                    @Nullable List<String> keyColumns,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.buffering) || !has(self.buffering.sizeMiB) || self.buffering.sizeMiB <= 100",
            message = "buffering.sizeMiB: at most 100 for OpenSearch and Elasticsearch",
            fieldPath = ".buffering")
    public record Opensearch(
            @JsonPropertyDescription("The URL of the cluster.")
                    @Required
                    @Pattern("^https?://[^\\s]+$")
                    @Size(max = 1_024)
                    String endpoint,
            @JsonPropertyDescription("A Secret with username and password, or with apiKey.")
                    @Nullable Reference credentialsSecretRef,
            @JsonPropertyDescription(
                            "A Secret with ca.crt, which signed the cluster's certificate.")
                    @Nullable Reference caSecretRef,
            @JsonPropertyDescription("The index that documents go to.")
                    @Required
                    @Pattern("^[^A-Z\\s\\\\/*?\"<>|,#:+_-][^A-Z\\s\\\\/*?\"<>|,#:]*$")
                    @Size(min = 1, max = 80)
                    String indexName,
            @JsonPropertyDescription(
                            "How often another index begins, named with the time of arrival; by default OneDay.")
                    @Nullable IndexRotationPeriod indexRotationPeriod,
            @JsonPropertyDescription("The type of documents, for Elasticsearch 6 only.")
                    @Size(max = 100)
                    @Nullable String typeName,
            @JsonPropertyDescription(
                            "FIREHOSE_DEFAULT: from the record, so that no try makes a second document. NO_DOCUMENT_ID: the cluster's.")
                    @Nullable DocumentId documentId,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {}

    public enum IndexRotationPeriod {
        NoRotation,
        OneHour,
        OneDay,
        OneWeek,
        OneMonth
    }

    public enum DocumentId {
        FIREHOSE_DEFAULT,
        NO_DOCUMENT_ID
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.buffering) || !has(self.buffering.sizeMiB) || self.buffering.sizeMiB <= 64",
            message = "buffering.sizeMiB: at most 64 for an HTTP endpoint",
            fieldPath = ".buffering")
    public record HttpEndpoint(
            @JsonPropertyDescription("The URL that requests go to.")
                    @Required
                    @Pattern("^https?://[^\\s]+$")
                    @Size(max = 1_000)
                    String url,
            @JsonPropertyDescription("A name for it.") @Size(max = 256) @Nullable String name,
            @JsonPropertyDescription("A Secret with accessKey, sent as X-Amz-Firehose-Access-Key.")
                    @Nullable Reference accessKeySecretRef,
            @JsonPropertyDescription("A Secret with ca.crt, which signed the server's certificate.")
                    @Nullable Reference caSecretRef,
            @JsonPropertyDescription("NONE or GZIP; by default NONE.")
                    @Nullable ContentEncoding contentEncoding,
            @JsonPropertyDescription("Sent with every request; at most 50.")
                    @Nullable Map<String, String> commonAttributes,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {}

    public enum ContentEncoding {
        NONE,
        GZIP
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.tables.size() == 1",
            message = "tables: exactly one; make another DeliveryStream for another table",
            fieldPath = ".tables")
    @ValidationRule(
            value =
                    "!has(self.tableCreation) || !self.tableCreation || self.tables.all(table, has(table.columns) && table.columns.size() > 0)",
            message = "tables: tableCreation needs columns, which the table is made of",
            fieldPath = ".tables")
    public record Iceberg(
            @JsonPropertyDescription("The catalog of the tables.") @Required Catalog catalog,
            @JsonPropertyDescription("Where data files go, if the catalog does not say.")
                    @Nullable Store store,
            @JsonPropertyDescription("The table: exactly one.") @Required @Size(min = 1, max = 100)
                    List<Table> tables,
            @JsonPropertyDescription(
                            "Whether the table gets the declared columns that it lacks and wider types, or where no columns are declared, those of new fields; by default not.")
                    @Nullable Boolean schemaEvolution,
            @JsonPropertyDescription(
                            "Whether a table that is missing is made of its columns; by default not.")
                    @Nullable Boolean tableCreation,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {
        public Iceberg {
            tables = tables == null ? List.of() : List.copyOf(tables);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Catalog(
            @JsonPropertyDescription("REST or JDBC.") @Required CatalogType type,
            @JsonPropertyDescription("The URL of the catalog; jdbc:postgresql://... for JDBC.")
                    @Required
                    @Size(min = 1, max = 1_024)
                    String uri,
            @JsonPropertyDescription("The warehouse, such as s3://bucket/path.") @Size(max = 1_024)
                    @Nullable String warehouse,
            @JsonPropertyDescription(
                            "A Secret with username and password, or with token, for the catalog.")
                    @Nullable Reference credentialsSecretRef) {}

    public enum CatalogType {
        REST,
        JDBC
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Store(
            @JsonPropertyDescription("The URL of an S3-compatible store.")
                    @Pattern("^https?://[^\\s]+$")
                    @Size(max = 1_024)
                    @Nullable String endpoint,
            @JsonPropertyDescription("The region; by default us-east-1.") @Size(max = 63)
                    @Nullable String region,
            @JsonPropertyDescription("Whether the bucket is in the URL's path, not its host.")
                    @Nullable Boolean pathStyle,
            @JsonPropertyDescription("A Secret with accessKeyId and secretAccessKey.")
                    @Nullable Reference credentialsSecretRef) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Table(
            @JsonPropertyDescription("The namespace of the table.")
                    @Required
                    @Size(min = 1, max = 255)
                    String database,
            @JsonPropertyDescription("Its name.") @Required @Size(min = 1, max = 255) String table,
            @JsonPropertyDescription(
                            "Columns by which a row replaces an older one; by default rows are only added.")
                    @Size(max = 32)
                    @Nullable List<String> uniqueKeys,
            @JsonPropertyDescription(
                            "What tableCreation makes the table of, and what schemaEvolution brings it to; all may be null.")
                    @Size(max = 200)
                    @Nullable List<DataFormatConversion.Column> columns) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.buffering) || ((!has(self.buffering.sizeMiB) || self.buffering.sizeMiB <= 5) && (!has(self.buffering.intervalSeconds) || self.buffering.intervalSeconds <= 60))",
            message = "buffering: sizeMiB at most 5 and intervalSeconds at most 60 for Splunk",
            fieldPath = ".buffering")
    public record Splunk(
            @JsonPropertyDescription("The URL of the HTTP Event Collector.")
                    @Required
                    @Pattern("^https?://[^\\s]+$")
                    @Size(max = 1_024)
                    String hecEndpoint,
            @JsonPropertyDescription("Raw or Event; by default Raw.")
                    @Nullable HecEndpointType hecEndpointType,
            @JsonPropertyDescription("A Secret with token.") @Required Reference tokenSecretRef,
            @JsonPropertyDescription("A Secret with ca.crt, which signed the server's certificate.")
                    @Nullable Reference caSecretRef,
            @JsonPropertyDescription(
                            "How long to wait for an acknowledgment, 180 to 600; by default 180.")
                    @Min(180)
                    @Max(600)
                    @Nullable Integer acknowledgmentTimeoutSeconds,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {}

    public enum HecEndpointType {
        Raw,
        Event
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ToStream(
            @JsonPropertyDescription("The Stream, of this namespace.") @Required
                    Reference streamRef,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Kafka(
            @JsonPropertyDescription("host:port of some of its brokers, with commas.")
                    @Required
                    @Size(min = 1, max = 1_024)
                    String bootstrapServers,
            @JsonPropertyDescription("The topic, which must exist.")
                    @Required
                    @Pattern("^[a-zA-Z0-9._-]+$")
                    @Size(min = 1, max = 249)
                    String topic,
            @JsonPropertyDescription(
                            "A Secret with client.properties: how a producer logs in there.")
                    @Nullable Reference propertiesSecretRef,
            @JsonPropertyDescription("When buffers go out.") @Nullable Buffering buffering) {}
}
