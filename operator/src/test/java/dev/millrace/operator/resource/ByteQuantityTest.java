/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteQuantityTest {

    @ParameterizedTest
    @CsvSource({
        "-1, 0",
        "0, 0",
        "999, 999",
        "1000, 0.98Ki",
        "1024, 1Ki",
        "1_370_000, 1.3Mi",
        "10_737_418_240, 10Gi",
        "1_048_576_000, 0.98Gi",
        "1e30, 8Ei"
    })
    void twoDigitsAndAUnit(String bytes, String text) {
        assertThat(ByteQuantity.of(Double.parseDouble(bytes.replace("_", "")))).isEqualTo(text);
    }
}
