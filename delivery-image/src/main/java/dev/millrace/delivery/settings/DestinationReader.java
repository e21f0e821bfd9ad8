/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.engine.BufferingHints;
import dev.millrace.delivery.search.SearchSettings;
import dev.millrace.delivery.secret.MountedSecret;
import dev.millrace.delivery.sql.PostgresSettings;
import dev.millrace.delivery.sql.TableName;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads {@code spec.destination}: one kind of destination, and its defaults. */
record DestinationReader(String kind, Field field, S3Reader s3, Path secrets) {

    private static final int RETRY_SECONDS = 300;

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
        return SettingsReader.buffering(field.get("buffering"), sizeMiB, 300);
    }

    /** How long it is tried by default. */
    int retrySeconds() {
        return RETRY_SECONDS;
    }

    /**
     * @throws IllegalArgumentException naming the field that is wrong
     */
    DestinationSettings read(boolean partitionKeys) {
        return switch (kind) {
            case "s3" -> new DestinationSettings.S3(s3.read(field, partitionKeys, columns()));
            case "postgresql" -> new DestinationSettings.Postgres(postgres());
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
        return field.get(name)
                .get("name")
                .map(secret -> new MountedSecret(secrets.resolve(secret)));
    }
}
