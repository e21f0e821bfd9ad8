/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.crds.Condition;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec.Storage;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user sees of the resources without any operator: an API server says yes or no. */
@ExtendWith(WithApiServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchemaIT {

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final String namespace;
    private final String samplesNamespace;

    SchemaIT(ApiServer server) {
        client = server.admin();
        namespace = server.namespace("schema");
        samplesNamespace = server.namespace("samples");
    }

    @BeforeAll
    void makeOneOfEach() {
        create("Stream", "orders", "{}");
        create("Stream", "auto", "{mode: ON_DEMAND}");
        create("DeliveryStream", "direct", "{destination: {s3: {bucket: lake}}}");
        create(
                "DeliveryStream",
                "moved",
                "{source: {type: Stream, streamRef: {name: orders}}, destination: {s3: {bucket: lake}}}");
        create(
                "DeliveryStream",
                "backed",
                "{destination: {s3: {bucket: lake}}, backup: {mode: AllData, s3: {bucket: raw}}}");
        create(
                "DeliveryStream",
                "indexed",
                "{destination: {opensearch: {endpoint: 'http://os:9200', indexName: logs}}, backup: {mode: FailedDataOnly, s3: {bucket: raw}}}");
        create(
                "DeliveryStream",
                "events",
                "{destination: {splunk: {hecEndpoint: 'http://h/', tokenSecretRef: {name: t}}}, backup: {mode: AllData, s3: {bucket: raw}}}");
        create(
                "DeliveryStream",
                "keyed",
                "{destination: {s3: {bucket: lake, prefix: '!{partitionKeyFromQuery:k}/', errorOutputPrefix: e/}}, processing: {processors: [{type: MetadataExtraction, query: '{k: .k}'}]}}");
        create("BrokerPool", "one", "{}");
        create("BrokerPool", "three", "{replicas: 3, storage: {size: 10Gi, className: fast}}");
    }

    @Test
    void aStreamWithNoSpecHasAllDefaults() {
        GenericKubernetesResource made = create("Stream", "bare", null);
        assertThat(json(made.get("spec")))
                .isEqualTo(
                        json(
                                """
                                {"mode": "PROVISIONED", "shardCount": 1, "retentionPeriodHours": 24,
                                 "maxRecordSizeKiB": 1024, "pool": "default",
                                 "deletionPolicy": "Delete", "limits": "Unlimited",
                                 "onDemand": {"minShards": 4, "maxShards": 200, "shardKiBPerSecond": 1024}}
                                """));
        Stream stream = streams("bare").get();
        assertThat(stream.streamName()).isEqualTo("bare");
        assertThat(stream.getSpec().tags()).isEmpty();
    }

    @Test
    void aPoolWithNoSpecHasAllDefaults() {
        GenericKubernetesResource made = create("BrokerPool", "bare", null);
        assertThat(json(made.get("spec")))
                .isEqualTo(
                        json(
                                """
                                {"replicas": 1, "storage": {"size": "10Gi", "deleteClaim": false, "warnAtPercent": 80},
                                 "gateway": {"service": {"type": "ClusterIP"}}}
                                """));
    }

    @Test
    void aDeliveryStreamNeedsNoMoreThanABucket() {
        GenericKubernetesResource made =
                create("DeliveryStream", "bare", "{destination: {s3: {bucket: lake}}}");
        assertThat(json(made.get("spec")))
                .isEqualTo(
                        json(
                                """
                                {"source": {"type": "DirectPut"}, "destination": {"s3": {"bucket": "lake"}},
                                 "replicas": 1, "state": "Running", "pool": "default", "deletionPolicy": "Delete"}
                                """));
        DeliveryStream stream =
                client.resources(DeliveryStream.class)
                        .inNamespace(namespace)
                        .withName("bare")
                        .get();
        assertThat(stream.deliveryStreamName()).isEqualTo("bare");
        assertThat(stream.getSpec().processing()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "by-customer | {destination: {s3: {bucket: lake, prefix: 'c=!{partitionKeyFromQuery:customer}/h=!{timestamp:yyyy-MM-dd-HH}/!{firehose:random-string}/', errorOutputPrefix: 'e/!{firehose:error-output-type}/', compression: GZIP}}, processing: {processors: [{type: MetadataExtraction, query: '{customer: .customer}'}, {type: AppendDelimiterToRecord}]}}",
                "literal | {destination: {s3: {bucket: lake, prefix: 'legacy!/a!'}}}",
                "parquet | {destination: {s3: {bucket: lake, dataFormatConversion: {format: Parquet, columns: [{name: id, type: bigint}, {name: tags, type: 'array<string>'}]}}}}",
                "redshift | {destination: {redshift: {jdbcUrl: 'jdbc:redshift://h:5439/d', table: t, credentialsSecretRef: {name: c}, s3: {bucket: lake, compression: GZIP}}}}",
                "postgresql | {destination: {postgresql: {jdbcUrl: 'jdbc:postgresql://h/d', table: t, credentialsSecretRef: {name: c}, keyColumns: [id]}}}",
                "opensearch | {destination: {opensearch: {endpoint: 'https://os:9200', indexName: logs, indexRotationPeriod: OneHour}}, backup: {mode: FailedDataOnly, s3: {bucket: lake}}}",
                "http | {destination: {httpEndpoint: {url: 'http://h:8080/a', contentEncoding: GZIP, commonAttributes: {a: b}}}, backup: {mode: AllData, s3: {bucket: lake}}}",
                "iceberg | {destination: {iceberg: {catalog: {type: REST, uri: 'http://c', warehouse: 's3://w'}, tables: [{database: d, table: t}]}}, backup: {mode: FailedDataOnly, s3: {bucket: lake}}}",
                "iceberg-grows | {destination: {iceberg: {catalog: {type: REST, uri: 'http://c'}, tableCreation: true, schemaEvolution: true, tables: [{database: d, table: t, columns: [{name: id, type: bigint}]}]}}, backup: {mode: FailedDataOnly, s3: {bucket: lake}}}",
                "splunk | {destination: {splunk: {hecEndpoint: 'https://h:8088', tokenSecretRef: {name: t}}}, backup: {mode: AllData, s3: {bucket: lake}}}",
                "stream | {source: {type: Stream, streamRef: {name: a}, startingPosition: AT_TIMESTAMP, startingTimestamp: '2026-01-01T00:00:00Z'}, destination: {stream: {streamRef: {name: b}}}}",
                "kafka | {destination: {kafka: {bootstrapServers: 'k:9092', topic: t}}, replicas: 3, state: Suspended}"
            })
    void everyDestinationIsTaken(String name, String spec) {
        create("DeliveryStream", name, spec);
        DeliveryStream read =
                client.resources(DeliveryStream.class).inNamespace(namespace).withName(name).get();
        GenericKubernetesResource written = resource("DeliveryStream", name).get();
        assertThat(withoutEmpties(json(read.getSpec())))
                .isEqualTo(withoutEmpties(json(written.get("spec"))));
    }

    /** Or tools that wait would take a resource for ready that nobody has looked at yet. */
    @Test
    void statusBeginsBeforeTheFirstGeneration() {
        assertThat(create("Stream", "unseen", "{}").<Integer>get("status", "observedGeneration"))
                .isEqualTo(-1);
        assertThat(
                        create("BrokerPool", "unseen", "{}")
                                .<Integer>get("status", "observedGeneration"))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DeliveryStream | x | {} | spec.destination | Required",
                "DeliveryStream | x | {destination: {}} | spec.destination | exactly one of s3",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}, stream: {streamRef: {name: a}}}} | spec.destination | exactly one of s3",
                "DeliveryStream | x | {destination: {iceberg: {catalog: {type: REST, uri: 'http://c'}, tables: [{database: d, table: t}, {database: d, table: u}]}}, backup: {mode: FailedDataOnly, s3: {bucket: lake}}} | spec.destination.iceberg.tables | exactly one; make another DeliveryStream",
                "DeliveryStream | x | {destination: {iceberg: {catalog: {type: REST, uri: 'http://c'}, tableCreation: true, tables: [{database: d, table: t}]}}, backup: {mode: FailedDataOnly, s3: {bucket: lake}}} | spec.destination.iceberg.tables | tableCreation needs columns",
                "DeliveryStream | x | {destination: {s3: {}}} | spec.destination.s3.bucket | Required",
                "DeliveryStream | x | {destination: {s3: {bucket: Lake}}} | spec.destination.s3.bucket | should match",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, endpoint: 'minio:9000'}}} | spec.destination.s3.endpoint | should match",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, buffering: {sizeMiB: 129}}}} | spec.destination.s3.buffering.sizeMiB | 128",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, buffering: {intervalSeconds: 901}}}} | spec.destination.s3.buffering.intervalSeconds | 900",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, compression: BROTLI}}} | spec.destination.s3.compression | HADOOP_SNAPPY",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, fileExtension: json}}} | spec.destination.s3.fileExtension | should match",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, prefix: 'a=!{timestamp:yyyy}/'}}} | spec.destination.s3.errorOutputPrefix | must be given where prefix has expressions",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, prefix: 'a=!{timestamp:yyyy', errorOutputPrefix: e/}}} | spec.destination.s3.prefix | closed by }",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, prefix: 'a=!{time:yyyy}', errorOutputPrefix: e/}}} | spec.destination.s3.prefix | an expression is",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, prefix: '!{firehose:error-output-type}', errorOutputPrefix: e/}}} | spec.destination.s3.prefix | belongs into errorOutputPrefix",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, errorOutputPrefix: '!{timestamp:yyyy}/'}}} | spec.destination.s3.errorOutputPrefix | must include !{firehose:error-output-type}",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, errorOutputPrefix: '!{partitionKeyFromQuery:k}/'}}} | spec.destination.s3.errorOutputPrefix | belong into prefix",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, prefix: '!{partitionKeyFromQuery:k}/', errorOutputPrefix: e/}}} | spec.destination | no processor MetadataExtraction",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, prefix: '!{partitionKeyFromQuery:k}/', errorOutputPrefix: e/, buffering: {intervalSeconds: 0}}}, processing: {processors: [{type: MetadataExtraction, query: '{k: .k}'}]}} | spec.destination.s3.buffering | cannot be 0",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, activePartitionsMax: 0}}} | spec.destination.s3.activePartitionsMax | greater than or equal to 1",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, activePartitionsMax: 50001}}} | spec.destination.s3.activePartitionsMax | 50000",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, compression: GZIP, dataFormatConversion: {format: Parquet, columns: [{name: a, type: string}]}}}} | spec.destination.s3.compression | must be UNCOMPRESSED",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, buffering: {sizeMiB: 5}, dataFormatConversion: {format: Parquet, columns: [{name: a, type: string}]}}}} | spec.destination.s3.buffering | at least 64",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, dataFormatConversion: {format: ORC, compression: GZIP, columns: [{name: a, type: string}]}}}} | spec.destination.s3.dataFormatConversion.compression | ZLIB",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, dataFormatConversion: {format: ORC, columns: [{name: a, type: text}]}}}} | columns[0].type | should match",
                "DeliveryStream | x | {destination: {s3: {bucket: lake, dataFormatConversion: {format: ORC, columns: [{name: a, type: int}, {name: a, type: int}]}}}} | spec.destination.s3.dataFormatConversion.columns | Duplicate",
                "DeliveryStream | x | {destination: {redshift: {jdbcUrl: 'jdbc:redshift://h:5439/d', table: t, credentialsSecretRef: {name: c}, s3: {bucket: lake, compression: ZIP}}}} | spec.destination.redshift.s3 | UNCOMPRESSED and GZIP",
                "DeliveryStream | x | {destination: {postgresql: {jdbcUrl: 'postgres://h/d', table: t, credentialsSecretRef: {name: c}}}} | spec.destination.postgresql.jdbcUrl | should match",
                "DeliveryStream | x | {destination: {opensearch: {endpoint: 'http://os:9200', indexName: logs}}} | spec.backup | need one",
                "DeliveryStream | x | {destination: {opensearch: {endpoint: 'http://os:9200', indexName: Logs}}, backup: {mode: AllData, s3: {bucket: lake}}} | spec.destination.opensearch.indexName | should match",
                "DeliveryStream | x | {destination: {opensearch: {endpoint: 'http://os:9200', indexName: logs, buffering: {sizeMiB: 101}}}, backup: {mode: AllData, s3: {bucket: lake}}} | spec.destination.opensearch.buffering | at most 100",
                "DeliveryStream | x | {destination: {httpEndpoint: {url: 'http://h/', buffering: {sizeMiB: 65}}}, backup: {mode: AllData, s3: {bucket: lake}}} | spec.destination.httpEndpoint.buffering | at most 64",
                "DeliveryStream | x | {destination: {splunk: {hecEndpoint: 'http://h/', tokenSecretRef: {name: t}, buffering: {intervalSeconds: 61}}}, backup: {mode: AllData, s3: {bucket: lake}}} | spec.destination.splunk.buffering | at most 60",
                "DeliveryStream | x | {destination: {splunk: {hecEndpoint: 'http://h/', tokenSecretRef: {name: t}, acknowledgmentTimeoutSeconds: 100}}, backup: {mode: AllData, s3: {bucket: lake}}} | acknowledgmentTimeoutSeconds | 180",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, backup: {mode: FailedDataOnly, s3: {bucket: raw}}} | spec.backup | AllData with s3",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, backup: {mode: AllData, s3: {bucket: raw, buffering: {intervalSeconds: 59}}}} | spec.backup | 60 to 900",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, retry: {durationSeconds: 7201}} | spec.retry.durationSeconds | 7200",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, source: {type: Stream}} | spec.source.streamRef | has one",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, source: {streamRef: {name: orders}}} | spec.source.streamRef | DirectPut has none",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, source: {startingPosition: LATEST}} | spec.source.startingPosition | of type Stream",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, source: {type: Stream, streamRef: {name: a}, startingPosition: AT_TIMESTAMP}} | spec.source.startingTimestamp | AT_TIMESTAMP",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, source: {type: Stream, streamRef: {name: a}, shardCount: 2}} | spec.source | for DirectPut",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, processing: {processors: [{type: Lambda}]}} | spec.processing.processors[0].type | HttpFunction",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, processing: {processors: [{type: Jq}]}} | query | need one",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, processing: {processors: [{type: HttpFunction}]}} | url | needs one",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, replicas: 0} | spec.replicas | greater than or equal to 1",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, state: Paused} | spec.state | Suspended",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, deliveryStreamName: 'no spaces'} | spec.deliveryStreamName | should match",
                "DeliveryStream | x | {destination: {s3: {bucket: lake}}, buffer: {}} | spec.buffer | unknown field",
                "DeliveryStream | with.dots | {destination: {s3: {bucket: lake}}} | metadata.name | pods are named after it",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}]} | spec.sql | one of both",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', sqlConfigMapRef: {name: a, key: b}} | spec.sql | one of both",
                "AnalyticsApplication | x | {inputs: [], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | spec.inputs | at least 1",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [], sql: 'SELECT 1'} | spec.outputs | at least 1",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}, {name: a, streamRef: {name: b}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | spec.inputs | a name of its own",
                "AnalyticsApplication | x | {inputs: [{name: Orders, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | spec.inputs[0].name | should match",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}, rowtime: {column: at}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | spec.inputs[0].rowtime | is one of columns",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}, columns: [{name: at}]}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | columns[0].type | Required",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}, format: {type: XML}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | format.type | JSON",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b}], sql: 'SELECT 1'} | spec.outputs[0] | one of streamRef",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}, table: {catalog: c, schema: s, name: t}}], catalogs: [{name: c, secretRef: {name: c}}], sql: 'SELECT 1'} | spec.outputs[0] | one of streamRef",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, table: {catalog: c, schema: s, name: t}}], sql: 'SELECT 1'} | spec.outputs | one of spec.catalogs",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, lateRows: true, table: {catalog: c, schema: s, name: t}}], catalogs: [{name: c, secretRef: {name: c}}], sql: 'SELECT 1'} | spec.outputs[0].table | beside it",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, table: {catalog: c, schema: s, name: t, versionColumn: v}}], catalogs: [{name: c, secretRef: {name: c}}], sql: 'SELECT 1'} | versionColumn | only with keyColumns",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}, lateRows: true, malformedRows: true}], sql: 'SELECT 1'} | spec.outputs[0].lateRows | not both",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}, earlySeconds: 0}], sql: 'SELECT 1'} | earlySeconds | greater than or equal to 1",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}, format: {type: AVRO}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | format.schema | AVRO needs",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', engine: {url: 'http://t:1', workers: 2}} | spec.engine.workers | has its own",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', startingPosition: AT_TIMESTAMP} | spec.startingTimestamp | AT_TIMESTAMP",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', startingTimestamp: '2026-01-01T00:00:00Z'} | spec.startingTimestamp | AT_TIMESTAMP",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', latencyMilliseconds: 5} | spec.latencyMilliseconds | 10",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', state: Paused} | spec.state | Stopped",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', catalogs: [{name: millrace, secretRef: {name: c}}]} | spec.catalogs | neither millrace",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', catalogs: [{name: crm_, secretRef: {name: c}}]} | spec.catalogs[0].name | should match",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', catalogs: [{name: crm, secretRef: {name: c}}, {name: crm, secretRef: {name: d}}]} | spec.catalogs | a name of its own",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', engine: {credentialsSecretRef: {name: c}}} | spec.engine.credentialsSecretRef | only with url",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', engine: {url: 'trino:8080'}} | spec.engine.url | should match",
                "AnalyticsApplication | x | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1', workers: 3} | spec.workers | unknown field",
                "AnalyticsApplication | with.dots | {inputs: [{name: a, streamRef: {name: a}}], outputs: [{name: b, streamRef: {name: b}}], sql: 'SELECT 1'} | metadata.name | pods are named after it",
                "Stream | x | {shardCount: 0} | spec.shardCount | greater than or equal to 1",
                "Stream | x | {shardCount: 10001} | spec.shardCount | less than or equal to 10000",
                "Stream | x | {shardCount: two} | spec.shardCount | integer",
                "Stream | x | {retentionPeriodHours: 23} | spec.retentionPeriodHours | 24",
                "Stream | x | {retentionPeriodHours: 8761} | spec.retentionPeriodHours | 8760",
                "Stream | x | {maxRecordSizeKiB: 10241} | spec.maxRecordSizeKiB | 10240",
                "Stream | x | {mode: SOMETIMES} | spec.mode | ON_DEMAND",
                "Stream | x | {streamName: 'no spaces'} | spec.streamName | should match",
                "Stream | x | {streamName: ''} | spec.streamName | at least 1",
                "Stream | x | {pool: Upper} | spec.pool | should match",
                "Stream | x | {deletionPolicy: Keep} | spec.deletionPolicy | Retain",
                "Stream | x | {limits: none} | spec.limits | Unlimited",
                "Stream | x | {mode: ON_DEMAND, onDemand: {minShards: 9, maxShards: 3}} | spec.onDemand | minShards cannot be more than maxShards",
                "Stream | x | {onDemand: {minShards: 0}} | spec.onDemand.minShards | greater than or equal to 1",
                "Stream | x | {tags: {'': v}} | spec.tags | 1 to 128",
                "Stream | x | {shards: 3} | spec.shards | unknown field",
                "BrokerPool | x | {replicas: 2} | spec.replicas | 1 broker (a laptop) or 3",
                "BrokerPool | x | {replicas: 0} | spec.replicas | greater than or equal to 1",
                "BrokerPool | x | {storage: {size: 0}} | spec.storage.size | string",
                "BrokerPool | x | {storage: {size: '0'}} | spec.storage.size | above zero",
                "BrokerPool | x | {storage: {size: plenty}} | spec.storage.size | should match",
                "BrokerPool | x | {storage: {warnAtPercent: 100}} | spec.storage.warnAtPercent | 99",
                "BrokerPool | x | {kafka: {config: {listeners: x}}} | spec.kafka.config | cannot set",
                "BrokerPool | x | {kafka: {config: {'a b': x}}} | spec.kafka.config | name of a setting",
                "BrokerPool | x | {kafka: {resources: {limits: {memory: lots}}}} | spec.kafka.resources.limits.memory | should match",
                "BrokerPool | x | {gateway: {service: {nodePort: 30001}}} | spec.gateway.service.nodePort | needs type",
                "BrokerPool | x | {gateway: {service: {type: NodePort, nodePort: 80}}} | spec.gateway.service.nodePort | 30000",
                "BrokerPool | x | {accessKeys: [{}]} | spec.accessKeys[0].secretName | Required",
                "BrokerPool | x | {accessKeys: [{secretName: a}, {secretName: a}]} | spec.accessKeys | Duplicate",
                "BrokerPool | x | {brokers: 3} | spec.brokers | unknown field",
                "BrokerPool | with.dots | {} | metadata.name | Services are named after it",
                "BrokerPool | a-name-of-more-than-forty-characters-in-all | {} | metadata.name | at most 40"
            })
    void badInputIsRefusedByItsField(
            String kind, String name, String spec, String field, String reason) {
        assertThatThrownBy(() -> create(kind, name, spec))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(reason);
    }

    @Test
    void aLongResourceNameNeedsAStreamName() {
        String name = "n".repeat(129);
        assertThatThrownBy(() -> create("Stream", name, "{}"))
                .hasMessageContaining("metadata.name")
                .hasMessageContaining("spec.streamName");
        create("Stream", name, "{streamName: short}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DeliveryStream | direct | {\"deliveryStreamName\": \"other\"} | spec.deliveryStreamName | cannot change",
                "DeliveryStream | direct | {\"pool\": \"other\"} | spec.pool | cannot change",
                "DeliveryStream | direct | {\"destination\": {\"s3\": null, \"stream\": {\"streamRef\": {\"name\": \"a\"}}}} | spec.destination | kind cannot change",
                "DeliveryStream | direct | {\"source\": {\"type\": \"Stream\", \"streamRef\": {\"name\": \"a\"}}} | spec.source.type | cannot change",
                "DeliveryStream | moved | {\"source\": {\"streamRef\": {\"name\": \"other\"}}} | spec.source.streamRef | cannot change",
                "DeliveryStream | backed | {\"backup\": null} | spec.backup | cannot be taken away",
                "DeliveryStream | indexed | {\"backup\": {\"mode\": \"AllData\"}} | spec.backup.mode | cannot change with opensearch",
                "DeliveryStream | events | {\"backup\": {\"mode\": \"FailedDataOnly\"}} | spec.backup.mode | AllData stays AllData",
                "DeliveryStream | direct | {\"destination\": {\"s3\": {\"prefix\": \"!{partitionKeyFromQuery:k}/\", \"errorOutputPrefix\": \"e/\"}}, \"processing\": {\"processors\": [{\"type\": \"MetadataExtraction\", \"query\": \"{k: .k}\"}]}} | spec.destination.s3.prefix | neither begin nor end",
                "DeliveryStream | keyed | {\"destination\": {\"s3\": {\"prefix\": \"all/\"}}} | spec.destination.s3.prefix | neither begin nor end",
                "DeliveryStream | keyed | {\"destination\": {\"s3\": {\"prefix\": null}}} | spec.destination.s3.prefix | neither begin nor end",
                "Stream | orders | {\"streamName\": \"other\"} | spec.streamName | cannot change",
                "Stream | orders | {\"pool\": \"other\"} | spec.pool | cannot change",
                "Stream | auto | {\"shardCount\": 9} | spec.shardCount | follows the load",
                "BrokerPool | one | {\"replicas\": 3} | spec.replicas | make a new pool",
                "BrokerPool | three | {\"replicas\": 1} | spec.replicas | make a new pool",
                "BrokerPool | three | {\"storage\": {\"size\": \"9Gi\"}} | spec.storage.size | cannot shrink",
                "BrokerPool | three | {\"storage\": {\"size\": \"9999Mi\"}} | spec.storage.size | cannot shrink",
                "BrokerPool | three | {\"storage\": {\"className\": \"slow\"}} | spec.storage.className | cannot change",
                "BrokerPool | three | {\"storage\": {\"className\": null}} | spec.storage.className | cannot change",
                "BrokerPool | one | {\"storage\": {\"className\": \"fast\"}} | spec.storage.className | cannot change"
            })
    void whatCannotChangeIsRefusedByItsField(
            String kind, String name, String change, String field, String reason) {
        assertThatThrownBy(
                        () -> resource(kind, name).patch(MERGE, "{\"spec\": %s}".formatted(change)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(reason);
    }

    @Test
    void poolsGrow() {
        create("BrokerPool", "grows", "{replicas: 3}");
        resource("BrokerPool", "grows")
                .patch(MERGE, "{\"spec\": {\"replicas\": 5, \"storage\": {\"size\": \"0.5Ti\"}}}");
        BrokerPool grown =
                client.resources(BrokerPool.class).inNamespace(namespace).withName("grows").get();
        assertThat(grown.getSpec().replicas()).isEqualTo(5);
        assertThat(grown.getSpec().storage()).extracting(Storage::size).isEqualTo("0.5Ti");
    }

    @Test
    void scaleReadsAndWritesTheShardCount() {
        create("Stream", "scaled", "{shardCount: 2}");
        Stream status = new Stream();
        status.getMetadata().setName("scaled");
        status.getMetadata().setNamespace(namespace);
        status.setStatus(
                new StreamStatus(
                        1L, "ACTIVE", null, null, null, null, null, null, 2, 0, 2, 24, "app=x",
                        null, null, null, null, List.of()));
        client.resource(status).subresource("status").patch(MERGE);

        Scale before = streams("scaled").scale((Scale) null);
        assertThat(before.getSpec().getReplicas()).isEqualTo(2);
        assertThat(before.getStatus().getReplicas()).isEqualTo(2);
        assertThat(before.getStatus().getSelector()).isEqualTo("app=x");

        before.getSpec().setReplicas(5);
        streams("scaled").scale(before);
        assertThat(streams("scaled").get().getSpec().shardCount()).isEqualTo(5);

        before.getSpec().setReplicas(0);
        before.getMetadata().setResourceVersion(null);
        assertThatThrownBy(() -> streams("scaled").scale(before))
                .hasMessageContaining("spec.shardCount");
    }

    /** What an autoscaler reads and writes, without knowing of delivery streams. */
    @Test
    void scaleReadsAndWritesTheWorkersOfADeliveryStream() {
        create("DeliveryStream", "scaled", "{destination: {s3: {bucket: lake}}, replicas: 2}");
        resource("DeliveryStream", "scaled")
                .subresource("status")
                .patch(MERGE, "{\"status\": {\"replicas\": 1, \"selector\": \"app=x\"}}");

        Resource<GenericKubernetesResource> scaled = resource("DeliveryStream", "scaled");
        Scale before = scaled.scale((Scale) null);
        assertThat(before.getSpec().getReplicas()).isEqualTo(2);
        assertThat(before.getStatus().getReplicas()).isEqualTo(1);
        assertThat(before.getStatus().getSelector()).isEqualTo("app=x");

        before.getSpec().setReplicas(5);
        scaled.scale(before);
        DeliveryStream read =
                client.resources(DeliveryStream.class)
                        .inNamespace(namespace)
                        .withName("scaled")
                        .get();
        assertThat(read.getSpec().replicas()).isEqualTo(5);

        before.getSpec().setReplicas(0);
        before.getMetadata().setResourceVersion(null);
        assertThatThrownBy(() -> scaled.scale(before)).hasMessageContaining("spec.replicas");
    }

    @Test
    void columnsReadFromLeftToRight() throws Exception {
        assertThat(columns("streams", 0))
                .containsExactly(
                        "Name", "Mode", "Desired", "Open", "Reshard", "Status", "Ready", "Age");
        assertThat(columns("streams", 1))
                .containsExactly(
                        "Name",
                        "Mode",
                        "Desired",
                        "Open",
                        "Reshard",
                        "Status",
                        "Ready",
                        "Retention",
                        "Disk",
                        "Needed",
                        "Pool",
                        "Reason",
                        "Age");
        assertThat(columns("deliverystreams", 0))
                .containsExactly(
                        "Name", "From", "To", "Workers", "Freshness", "Status", "Ready", "Age");
        assertThat(columns("brokerpools", 0))
                .containsExactly(
                        "Name",
                        "Brokers",
                        "Ready-Brokers",
                        "Streams",
                        "Shards",
                        "Storage",
                        "Disk",
                        "Ready",
                        "Age");
    }

    /** A condition of each type at most: the list merges by type. */
    @Test
    void conditionsAreOnePerType() {
        create("Stream", "conditions", "{}");
        Stream status = new Stream();
        status.getMetadata().setName("conditions");
        status.getMetadata().setNamespace(namespace);
        Condition ready = new Condition("Ready", "True", "A", "", "2026-11-01T00:00:00Z", 1);
        status.setStatus(
                new StreamStatus(
                        1L,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of(ready, ready)));
        assertThatThrownBy(() -> client.resource(status).subresource("status").patch(MERGE))
                .hasMessageContaining("status.conditions[1]")
                .hasMessageContaining("Duplicate");
    }

    /** A sample that the API server refuses would be the first thing that a user sees. */
    @Test
    void theSamplesAreTaken() throws Exception {
        List<Path> samples;
        try (java.util.stream.Stream<Path> files = Files.walk(Path.of("../samples"))) {
            samples = files.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
        assertThat(samples).hasSizeGreaterThan(8);
        for (Path sample : samples) {
            try (InputStream documents = Files.newInputStream(sample)) {
                for (HasMetadata document : client.load(documents).items()) {
                    if (!document.getApiVersion().startsWith("millrace.dev/")) {
                        continue;
                    }
                    client.resource(document)
                            .inNamespace(samplesNamespace)
                            .fieldValidation(FieldValidateable.Validation.STRICT)
                            .create();
                }
            }
        }
    }

    /** HPA's by the API server's own type, KEDA's by the definition that KEDA brings. */
    @Test
    void theSamplesOfAutoscalersAreTaken() throws Exception {
        try (InputStream keda =
                Objects.requireNonNull(
                        SchemaIT.class.getResourceAsStream("/keda-scaledobjects.yaml"))) {
            client.load(keda).serverSideApply();
        }
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("scaledobjects.keda.sh")
                .waitUntilCondition(
                        definition ->
                                definition.getStatus() != null
                                        && definition.getStatus().getConditions() != null
                                        && definition.getStatus().getConditions().stream()
                                                .anyMatch(condition ->
                                                        condition.getType().equals("Established")
                                                                && condition
                                                                        .getStatus()
                                                                        .equals("True")),
                        20,
                        TimeUnit.SECONDS);
        for (String sample :
                List.of(
                        "autoscaling/hpa.yaml",
                        "autoscaling/keda.yaml",
                        "delivery/hpa.yaml",
                        "delivery/keda.yaml")) {
            try (InputStream documents = Files.newInputStream(Path.of("../samples", sample))) {
                HasMetadata autoscaler = client.load(documents).items().getFirst();
                assertThat(
                                client.resource(autoscaler)
                                        .inNamespace(namespace)
                                        .fieldValidation(FieldValidateable.Validation.STRICT)
                                        .create()
                                        .getMetadata()
                                        .getName())
                        .isEqualTo(sample.startsWith("delivery") ? "orders-to-lake" : "orders");
            }
        }
        assertThatThrownBy(() ->
                        client.resource(
                                        """
                                        apiVersion: keda.sh/v1alpha1
                                        kind: ScaledObject
                                        metadata: {name: wrong}
                                        spec:
                                          scaleTargetRef: {name: orders}
                                          minReplicas: 2
                                          triggers: [{type: prometheus, metadata: {}}]
                                        """)
                                .inNamespace(namespace)
                                .fieldValidation(FieldValidateable.Validation.STRICT)
                                .create())
                .hasMessageContaining("minReplicas");
    }

    private List<String> columns(String plural, int priority) throws Exception {
        String uri =
                "%s/apis/millrace.dev/v1beta1/namespaces/%s/%s"
                        .formatted(
                                client.getMasterUrl().toString().replaceAll("/$", ""),
                                namespace,
                                plural);
        var request =
                client.getHttpClient()
                        .newHttpRequestBuilder()
                        .uri(uri)
                        .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                        .build();
        String body =
                client.getHttpClient()
                        .sendAsync(request, String.class)
                        .get(10, TimeUnit.SECONDS)
                        .body();
        List<String> names = new ArrayList<>();
        for (JsonNode column : new JsonMapper().readTree(body).path("columnDefinitions")) {
            if (column.path("priority").intValue() <= priority) {
                names.add(column.path("name").asText());
            }
        }
        return names;
    }

    /** Absent and empty are the same in a record. */
    private static JsonNode withoutEmpties(JsonNode spec) {
        if (spec instanceof ObjectNode object) {
            object.properties()
                    .removeIf(property ->
                            property.getValue().isEmpty() && property.getValue().isContainerNode());
        }
        return spec;
    }

    private GenericKubernetesResource create(String kind, String name, @Nullable String spec) {
        String yaml =
                """
                apiVersion: millrace.dev/v1beta1
                kind: %s
                metadata: {name: %s, namespace: %s}
                %s
                """
                        .formatted(kind, name, namespace, spec == null ? "" : "spec: " + spec);
        return client.resource(Serialization.unmarshal(yaml, GenericKubernetesResource.class))
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .create();
    }

    private Resource<GenericKubernetesResource> resource(String kind, String name) {
        return client.genericKubernetesResources("millrace.dev/v1beta1", kind)
                .inNamespace(namespace)
                .withName(name);
    }

    private Resource<Stream> streams(String name) {
        return client.resources(Stream.class).inNamespace(namespace).withName(name);
    }

    private static JsonNode json(Object value) {
        return value instanceof String text
                ? Serialization.unmarshal(text, JsonNode.class)
                : new JsonMapper().valueToTree(Objects.requireNonNull(value));
    }
}
