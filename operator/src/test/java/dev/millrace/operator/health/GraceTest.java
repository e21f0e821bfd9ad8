/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GraceTest {

    private Instant now = Instant.parse("2026-11-01T10:00:00Z");
    private final Grace grace = new Grace(() -> now);

    @Test
    void nothingIsGoodBeforeItWasOnce() {
        assertThat(grace.observe(false)).isFalse();
        assertThat(grace.observe(true)).isTrue();
    }

    @Test
    void aMomentIsOverlookedAndALongWhileIsNot() {
        grace.observe(true);
        now = now.plus(Grace.LASTS.minusMillis(1));
        assertThat(grace.observe(false)).isTrue();
        now = now.plus(Duration.ofMillis(1));
        assertThat(grace.observe(false)).isFalse();
        assertThat(grace.observe(true)).isTrue();
    }
}
