/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.StreamName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamResourceNameTest {

    private static final String DNS =
            "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

    @ParameterizedTest
    @ValueSource(strings = {"orders", "orders.v2", "a", "9-lives"})
    void aNameThatKubernetesAllowsStays(String name) {
        assertThat(of(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Orders",
                "my_stream",
                "_",
                "...",
                "-a-",
                "a..b",
                "UPPER_lower.9-",
                "a-name-of-sixty-four-characters-which-is-one-more-than-a-label-has-x"
            })
    void anotherIsMadeSafe(String name) {
        assertThat(of(name)).matches(DNS).hasSizeLessThanOrEqualTo(63);
    }

    @Test
    void namesThatDifferStayDifferent() {
        assertThat(of("Orders")).isNotEqualTo(of("orders")).isNotEqualTo(of("ORDERS"));
        assertThat(of("a_b")).isNotEqualTo(of("a-b")).isNotEqualTo(of("a.b"));
    }

    @Test
    void theSameNameGivesTheSameResource() {
        assertThat(of("My_Stream")).isEqualTo(of("My_Stream")).startsWith("my-stream-");
    }

    private static String of(String name) {
        return StreamResourceName.of(new StreamName(name));
    }
}
