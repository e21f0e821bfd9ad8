/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ComplaintsTest {

    private static final long SECOND = 1_000_000_000L;

    private final Complaints complaints = new Complaints();

    @Test
    void theFirstOfAKindIsToldAndTheOthersAreCounted() {
        assertThat(complaints.isFirst("PutRecord", 0)).isTrue();
        assertThat(complaints.isFirst("GetRecords", 0)).isTrue();
        for (int i = 0; i < 1_000; i++) {
            assertThat(complaints.isFirst("PutRecord", i)).isFalse();
        }
        assertThat(complaints.due(9 * SECOND)).isEmpty();
        assertThat(complaints.due(10 * SECOND)).isEqualTo(Map.of("PutRecord", 1_000L));
    }

    @Test
    void aFloodThatGoesOnIsToldAsACountEachTime() {
        complaints.isFirst("PutRecord", 0);
        complaints.isFirst("PutRecord", 1);
        assertThat(complaints.due(10 * SECOND)).isEqualTo(Map.of("PutRecord", 1L));
        assertThat(complaints.isFirst("PutRecord", 11 * SECOND)).isFalse();
        assertThat(complaints.isFirst("PutRecord", 12 * SECOND)).isFalse();
        assertThat(complaints.due(19 * SECOND)).isEmpty();
        assertThat(complaints.due(20 * SECOND)).isEqualTo(Map.of("PutRecord", 2L));
    }

    @Test
    void whatEndedIsToldInFullWhenItComesAgain() {
        complaints.isFirst("PutRecord", 0);
        assertThat(complaints.due(10 * SECOND)).isEmpty();
        assertThat(complaints.isFirst("PutRecord", 11 * SECOND)).isTrue();
    }

    @Test
    void clocksMayBeginAnywhere() {
        long before = Long.MAX_VALUE - SECOND;
        complaints.isFirst("PutRecord", before);
        complaints.isFirst("PutRecord", before + 2 * SECOND);
        assertThat(complaints.due(before + 5 * SECOND)).isEmpty();
        assertThat(complaints.due(before + 10 * SECOND)).isEqualTo(Map.of("PutRecord", 1L));
    }
}
