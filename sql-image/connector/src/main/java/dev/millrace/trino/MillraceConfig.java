/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.shard.encryption.EncryptionKeyDirectory;
import dev.millrace.shard.encryption.EncryptionKeys;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The properties of a catalog, beside {@code connector.name}.
 *
 * @param client how to reach the brokers: {@code millrace.bootstrap-servers}, and what follows
 *     {@code millrace.kafka.}, as Kafka's clients name it
 * @param tablesDirectory {@code millrace.tables-directory}: one file per table whose columns are
 *     known
 * @param encryptionKeys {@code millrace.encryption-keys-directory}: the keys of streams that are
 *     encrypted, one file each
 */
record MillraceConfig(
        Map<String, Object> client, Optional<Path> tablesDirectory, EncryptionKeys encryptionKeys) {

    private static final String KAFKA = "millrace.kafka.";

    /**
     * @throws IllegalArgumentException if a property is missing or unknown
     */
    static MillraceConfig parse(Map<String, String> properties) {
        Map<String, Object> client = new HashMap<>();
        Optional<Path> tables = Optional.empty();
        EncryptionKeys keys = EncryptionKeys.NONE;
        for (Map.Entry<String, String> property : properties.entrySet()) {
            String name = property.getKey();
            String value = property.getValue();
            switch (name) {
                case "millrace.bootstrap-servers" -> client.put("bootstrap.servers", value);
                case "millrace.tables-directory" -> tables = Optional.of(Path.of(value));
                case "millrace.encryption-keys-directory" ->
                        keys = new EncryptionKeyDirectory(Path.of(value));
                default -> {
                    if (!name.startsWith(KAFKA)) {
                        throw new IllegalArgumentException(
                                "The connector millrace has no property "
                                        + name
                                        + "; it has millrace.bootstrap-servers,"
                                        + " millrace.tables-directory,"
                                        + " millrace.encryption-keys-directory and millrace.kafka.*");
                    }
                    client.put(name.substring(KAFKA.length()), value);
                }
            }
        }
        if (!client.containsKey("bootstrap.servers")) {
            throw new IllegalArgumentException(
                    "The connector millrace needs the property millrace.bootstrap-servers");
        }
        return new MillraceConfig(Map.copyOf(client), tables, keys);
    }
}
