/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.columns.ColumnType;
import dev.millrace.delivery.engine.BufferingHints;
import dev.millrace.delivery.http.EndpointSettings;
import dev.millrace.delivery.iceberg.IcebergSettings;
import dev.millrace.delivery.search.SearchSettings;
import dev.millrace.delivery.secret.MountedSecret;
import dev.millrace.delivery.splunk.SplunkSettings;
import dev.millrace.delivery.sql.PostgresSettings;
import dev.millrace.delivery.sql.RedshiftSettings;
import dev.millrace.delivery.sql.TableName;
import dev.millrace.delivery.topic.TopicSettings;
import dev.millrace.workload.settings.Field;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads {@code spec.destination}: one kind of destination, and its defaults. */
record DestinationReader(String kind, Field field, S3Reader s3, Path secrets) {

    private static final int RETRY_SECONDS = 300;
    private static final int REDSHIFT_RETRY_SECONDS = 3_600;

    /**
     * @throws IllegalArgumentException if there is not exactly one destination that is known
     */
    static DestinationReader of(Field destination, S3Reader s3, Path secrets) {
        var given = destination.node().properties();
        if (given.size() != 1) {
            throw new IllegalArgumentException(
                    "spec.destination: exactly one is expected, not " + given.size());
        }
        String kind = given.iterator().next().getKey();
        return new DestinationReader(kind, destination.get(kind), s3, secrets);
    }

    /** How records become rows, where they do. */
    Optional<Columns> columns() {
        return kind.equals("s3")
                ? Columns.read(field.get("dataFormatConversion"))
                : Optional.empty();
    }

    BufferingHints buffering() {
        int sizeMiB = columns().isPresent() ? 128 : 5;
        int seconds = kind.equals("splunk") ? 60 : 300;
        Field of = kind.equals("redshift") ? field.get("s3") : field;
        return SettingsReader.buffering(of.get("buffering"), sizeMiB, seconds);
    }

    /** Whether records take their partition keys along. */
    boolean takesKeys() {
        return kind.equals("kafka");
    }

    /** How long it is tried by default. */
    int retrySeconds() {
        return kind.equals("redshift") ? REDSHIFT_RETRY_SECONDS : RETRY_SECONDS;
    }

    /**
     * @throws IllegalArgumentException naming the field that is wrong
     */
    DestinationSettings read(String name, boolean partitionKeys) {
        return switch (kind) {
            case "s3" -> new DestinationSettings.S3(s3.read(field, partitionKeys, columns()));
            case "postgresql" -> new DestinationSettings.Postgres(postgres());
            case "redshift" -> {
                S3Target objects = s3.read(field.get("s3"), false, Optional.empty());
                yield new DestinationSettings.Redshift(redshift(objects), objects);
            }
            case "iceberg" -> new DestinationSettings.Iceberg(iceberg());
            case "httpEndpoint" -> new DestinationSettings.Endpoint(endpoint(name));
            case "splunk" -> new DestinationSettings.Splunk(splunk());
            case "kafka" ->
                    new DestinationSettings.Topic(
                            new TopicSettings(
                                    field.get("bootstrapServers").required(),
                                    field.get("topic").required(),
                                    secret("propertiesSecretRef")));
            case "opensearch" -> new DestinationSettings.Search(search());
            default ->
                    throw new IllegalArgumentException(
                            "spec.destination: this worker does not deliver to " + kind);
        };
    }

    private SearchSettings search() {
        return new SearchSettings(
                uri("endpoint"),
                secret("credentialsSecretRef"),
                secret("caSecretRef"),
                field.get("indexName").required(),
                field.get("indexRotationPeriod")
                        .map(SearchSettings.Rotation::parse)
                        .orElse(SearchSettings.Rotation.ONE_DAY),
                field.get("typeName").text().filter(type -> !type.isEmpty()),
                !field.get("documentId").text().orElse("").equals("NO_DOCUMENT_ID"));
    }

    private EndpointSettings endpoint(String name) {
        Map<String, String> attributes = new TreeMap<>();
        field.get("commonAttributes")
                .node()
                .properties()
                .forEach(a -> attributes.put(a.getKey(), a.getValue().asText()));
        return new EndpointSettings(
                uri("url"),
                secret("accessKeySecretRef"),
                secret("caSecretRef"),
                field.get("contentEncoding").text().orElse("").equals("GZIP"),
                attributes,
                "arn:aws:firehose:us-east-1:000000000000:deliverystream/" + name);
    }

    private SplunkSettings splunk() {
        return new SplunkSettings(
                uri("hecEndpoint"),
                field.get("hecEndpointType").text().orElse("").equals("Event"),
                requiredSecret("tokenSecretRef"),
                secret("caSecretRef"),
                Duration.ofSeconds(field.get("acknowledgmentTimeoutSeconds").number(180, 1, 600)));
    }

    private RedshiftSettings redshift(S3Target objects) {
        return new RedshiftSettings(
                field.get("jdbcUrl").required(),
                requiredSecret("credentialsSecretRef"),
                TableName.parse(field.get("table").required()),
                texts("columns"),
                field.get("copyOptions").text().orElse(""),
                field.get("iamRole").text(),
                objects.bucket().credentials().map(MountedSecret::new),
                objects.bucket().bucket(),
                objects.bucket().region(),
                objects.format().contentEncoding().isPresent());
    }

    private IcebergSettings iceberg() {
        List<Field> tables = field.get("tables").items();
        if (tables.size() != 1) {
            throw new IllegalArgumentException(
                    field.get("tables").path() + ": this worker delivers to one table");
        }
        List<ColumnType.Column> columns = Columns.columns(tables.getFirst().get("columns"));
        boolean creates = field.get("tableCreation").flag(false);
        if (creates && columns.isEmpty()) {
            throw new IllegalArgumentException(
                    tables.getFirst().get("columns").path()
                            + ": is missing; tableCreation makes the table of them");
        }
        Field catalog = field.get("catalog");
        Field store = field.get("store");
        Optional<String> endpoint = store.get("endpoint").text();
        return new IcebergSettings(
                catalog.get("type")
                        .map(IcebergSettings.CatalogType::valueOf)
                        .orElse(IcebergSettings.CatalogType.REST),
                catalog.get("uri").required(),
                catalog.get("warehouse").text(),
                secretOf(catalog.get("credentialsSecretRef")),
                endpoint,
                store.get("region").text().orElse("us-east-1"),
                store.get("pathStyle").flag(endpoint.isPresent()),
                secretOf(store.get("credentialsSecretRef")),
                tables.getFirst().get("database").required(),
                tables.getFirst().get("table").required(),
                tables.getFirst().get("uniqueKeys").items().stream().map(Field::required).toList(),
                columns,
                field.get("schemaEvolution").flag(false),
                creates);
    }

    private PostgresSettings postgres() {
        return new PostgresSettings(
                field.get("jdbcUrl").required(),
                requiredSecret("credentialsSecretRef"),
                TableName.parse(field.get("table").required()),
                texts("columns"),
                texts("keyColumns"));
    }

    private List<String> texts(String name) {
        return field.get(name).items().stream().map(Field::required).toList();
    }

    private MountedSecret requiredSecret(String name) {
        field.get(name).get("name").required();
        return secret(name).orElseThrow();
    }

    private URI uri(String name) {
        field.get(name).required();
        return field.get(name).map(URI::create).orElseThrow();
    }

    private Optional<MountedSecret> secret(String name) {
        return secretOf(field.get(name));
    }

    private Optional<MountedSecret> secretOf(Field reference) {
        return reference.get("name").map(secret -> new MountedSecret(secrets.resolve(secret)));
    }
}
