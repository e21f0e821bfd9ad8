/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** In virtual time: exactly what Kinesis gives a shard. */
class ShardLimitsTest {

    private static final int KIB = 1024;
    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();

    private final ShardLimits limits = new ShardLimits();
    private long now = 5_000_000_000L;

    @Test
    void takesOneMebibyteASecond() {
        assertThat(putsIn(Duration.ofSeconds(10), 64 * KIB, 1)).isBetween(10 * 16L, 11 * 16L);
    }

    @Test
    void takesAThousandRecordsASecond() {
        assertThat(putsIn(Duration.ofSeconds(5), 10, 1)).isBetween(5_000L, 6_000L);
    }

    @Test
    void dividesAmongGateways() {
        assertThat(putsIn(Duration.ofSeconds(9), 10, 3)).isBetween(3_000L, 3_400L);
    }

    @Test
    void takesALargeRecordAndHasItPaidFor() {
        assertThat(limits.tryPut(5 * KIB * KIB, now, 1)).isTrue();
        now += Duration.ofSeconds(4).toNanos();
        assertThat(limits.tryPut(100, now, 1)).isFalse();
        now += Duration.ofSeconds(2).toNanos();
        assertThat(limits.tryPut(100, now, 1)).isTrue();
    }

    @Test
    void letsFiveReadsASecondBegin() {
        int reads = 0;
        for (int i = 0; i < 4_000; i++) {
            reads += limits.tryRead(now, 1) ? 1 : 0;
            now += MILLISECOND;
        }
        assertThat(reads).isBetween(20, 25);
    }

    @Test
    void aReadThatGaveMuchHoldsTheNextOnesUp() {
        assertThat(limits.tryRead(now, 1)).isTrue();
        limits.gave(10L * KIB * KIB);
        now += Duration.ofSeconds(3).toNanos();
        assertThat(limits.tryRead(now, 1)).isFalse();
        now += Duration.ofSeconds(2).toNanos();
        assertThat(limits.tryRead(now, 1)).isTrue();
    }

    /** How many records are taken of far too many. */
    private long putsIn(Duration time, int bytes, int gateways) {
        long taken = 0;
        for (long end = now + time.toNanos(); now < end; now += MILLISECOND / 4) {
            taken += limits.tryPut(bytes, now, gateways) ? 1 : 0;
        }
        return taken;
    }
}
