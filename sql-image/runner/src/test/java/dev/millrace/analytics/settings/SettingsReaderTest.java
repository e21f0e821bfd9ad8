/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analytics.engine.ApplicationPlan;
import dev.millrace.analytics.input.StartAt;
import dev.millrace.analytics.output.Output;
import dev.millrace.shard.encryption.EncryptionKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsReaderTest {

    private static final String WHOLE =
            """
            {"name": "revenue", "uid": "u-1", "versionId": "3", "code": "INSERT INTO revenue SELECT * FROM orders", "spec": {
              "inputs": [{"name": "orders", "stream": "Orders", "format": {"type": "CSV", "delimiter": ";"},
                "columns": [{"name": "at", "type": "timestamp(3)", "path": "$.meta.at"}],
                "rowtime": {"column": "at", "allowedLatenessSeconds": 5}, "idleTimeoutSeconds": 60, "onError": "Null"}],
              "outputs": [{"name": "revenue", "stream": "revenue", "partitionKeyColumn": "region"},
                {"name": "late", "stream": "late", "lateRows": true, "format": {"type": "CSV"}}],
              "startingPosition": "AT_TIMESTAMP", "startingTimestamp": "2026-11-23T10:00:00Z", "historySeconds": 3600}}
            """;

    @Test
    void readsAllOfIt() {
        ApplicationPlan plan = read(WHOLE);

        assertThat(plan.id()).isEqualTo("u-1");
        assertThat(plan.startAt())
                .isEqualTo(new StartAt.AtTimestamp(Instant.parse("2026-11-23T10:00:00Z")));
        assertThat(plan.history()).hasValue(Duration.ofHours(1));
        assertThat(plan.inputs().getFirst().table().rowtime()).hasValue("at");
        assertThat(plan.inputs().getFirst().timing().allowedLateness())
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(plan.outputs().getLast().takesResults()).isFalse();
        assertThat(plan.outputs().getFirst())
                .isInstanceOfSatisfying(
                        Output.ToStream.class,
                        output -> assertThat(output.partitionKeyColumn()).hasValue("region"));
    }

    @Test
    void namesWhatIsWrong() {
        assertWrong(
                "\"CSV\", \"delimiter\": \";\"",
                "\"CSV\", \"delimiter\": \";;\"",
                "spec.inputs[0].format.delimiter: ");
        assertWrong(
                "\"column\": \"at\"",
                "\"column\": \"when\"",
                "spec.inputs[0]: Table orders has no column when");
        assertWrong("$.meta.at", "meta", "spec.inputs[0].columns[0].path: ");
        assertWrong(
                "\"late\", \"stream\"",
                "\"revenue\", \"stream\"",
                "spec.outputs: has the name revenue twice");
        assertWrong("3600", "0", "spec.historySeconds: must be a number from 1");
        assertWrong("\"AT_TIMESTAMP\"", "\"NOW\"", "spec.startingPosition: is LATEST");
    }

    @Test
    void anAddressSaysWhoTheRunnerIs() {
        TrinoAddress address =
                new TrinoAddress(URI.create("https://trino.example:8443"), Optional.empty());

        assertThat(address.jdbcUrl()).isEqualTo("jdbc:trino://trino.example:8443/millrace/default");
        assertThat(address.properties())
                .containsEntry("SSL", "true")
                .containsEntry("user", "millrace");
    }

    private static void assertWrong(String part, String by, String message) {
        assertThat(WHOLE).contains(part);
        assertThatThrownBy(() -> read(WHOLE.replace(part, by)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private static ApplicationPlan read(String json) {
        return new SettingsReader(
                        Map.of("bootstrap.servers", "x"), EncryptionKeys.NONE, Path.of("tables"))
                .read(json);
    }
}
