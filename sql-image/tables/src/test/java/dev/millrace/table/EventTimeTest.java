/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T10:15:30Z, 2026-11-23T10:15:30Z",
        "2026-11-23T10:15:30.5Z, 2026-11-23T10:15:30.5Z",
        "2026-11-23 10:15:30.123456, 2026-11-23T10:15:30.123456Z",
        "2026-11-23T10:15:30.123456789Z, 2026-11-23T10:15:30.123456Z",
        "2026-11-23T12:15:30+02:00, 2026-11-23T10:15:30Z",
        "2026-11-23 10:15:30 UTC, 2026-11-23T10:15:30Z",
        "2026-11-23T10:15, 2026-11-23T10:15:00Z",
        "2026-11-23, 2026-11-23T00:00:00Z",
        "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
        "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999Z",
        "1763892930, 2025-11-23T10:15:30Z",
        "1763892930123, 2025-11-23T10:15:30.123Z",
        "1763892930123456, 2025-11-23T10:15:30.123456Z",
        "1763892930.25, 2025-11-23T10:15:30.250Z",
    })
    void readsWhatProducersWrite(String text, Instant expected) {
        long micros = EventTime.microsOfText(text).orElseThrow();

        assertThat(
                        Instant.ofEpochSecond(
                                Math.floorDiv(micros, 1_000_000L),
                                Math.floorMod(micros, 1_000_000L) * 1_000))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-13-01T00:00:00Z",
                "2026-02-29T00:00:00Z",
                "2026-02-28T24:00:00Z",
                "2026-02-28T23:60:00Z",
                "99999999999999999999"
            })
    void saysWhatIsNoTime(String text) {
        assertThat(EventTime.microsOfText(text)).isEmpty();
    }

    @Test
    void takesNumbersAsSecondsMillisecondsOrMicroseconds() {
        assertThat(EventTime.microsOfNumber(1_763_892_930L)).hasValue(1_763_892_930_000_000L);
        assertThat(EventTime.microsOfNumber(1_763_892_930_123L)).hasValue(1_763_892_930_123_000L);
        assertThat(EventTime.microsOfNumber(1_763_892_930.5)).hasValue(1_763_892_930_500_000L);
        assertThat(EventTime.microsOfNumber(Double.NaN)).isEmpty();
    }
}
