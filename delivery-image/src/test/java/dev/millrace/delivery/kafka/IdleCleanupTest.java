/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IdleCleanupTest {

    private final AtomicInteger collected = new AtomicInteger();
    private final IdleCleanup cleanup = new IdleCleanup(collected::incrementAndGet, Instant.EPOCH);

    @Test
    void collectsOnceAfterTheStartAndOnceAfterEachTimeOfWork() {
        cleanup.look(false, Instant.EPOCH.plusSeconds(29));
        assertThat(collected).hasValue(0);
        cleanup.look(false, Instant.EPOCH.plusSeconds(30));
        cleanup.look(false, Instant.EPOCH.plusSeconds(90));
        assertThat(collected).hasValue(1);

        cleanup.read(9 << 20);
        cleanup.look(true, Instant.EPOCH.plusSeconds(100));
        cleanup.look(false, Instant.EPOCH.plusSeconds(129));
        assertThat(collected).hasValue(1);
        cleanup.look(false, Instant.EPOCH.plusSeconds(130));
        assertThat(collected).hasValue(2);
    }

    @Test
    void aFewRecordsAreNotWorthIt() {
        cleanup.look(false, Instant.EPOCH.plusSeconds(30));
        cleanup.read(1 << 20);
        cleanup.look(true, Instant.EPOCH.plusSeconds(31));
        cleanup.look(false, Instant.EPOCH.plusSeconds(1_000));
        assertThat(collected).hasValue(1);
    }
}
