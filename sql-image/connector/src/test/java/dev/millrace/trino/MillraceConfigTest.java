/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MillraceConfigTest {

    @Test
    void takesKafkasOwnProperties() {
        MillraceConfig config =
                MillraceConfig.parse(
                        Map.of(
                                "millrace.bootstrap-servers", "broker:9092",
                                "millrace.kafka.security.protocol", "SSL"));

        assertThat(config.client())
                .isEqualTo(Map.of("bootstrap.servers", "broker:9092", "security.protocol", "SSL"));
    }

    @Test
    void namesWhatIsUnknownOrMissing() {
        assertThatThrownBy(() -> MillraceConfig.parse(Map.of("millrace.bootstrap", "x")))
                .hasMessageContaining("no property millrace.bootstrap;");
        assertThatThrownBy(() -> MillraceConfig.parse(Map.of()))
                .hasMessageContaining("needs the property millrace.bootstrap-servers");
    }
}
