/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchTest {

    private static final int FETCHED = 1024 * 1024;

    private final byte[] fetched = new byte[FETCHED];

    @Test
    void aSmallPartOfWhatKafkaSentDoesNotKeepTheRest() {
        new Random(1).nextBytes(fetched);
        Batch few = batch(3, 1000);

        Batch cutOut = few.cutOut();

        assertThat(cutOut).isEqualTo(few);
        for (Entry entry : cutOut.entries()) {
            assertThat(entry.data().array()).hasSize(1000);
            assertThat(entry.utf8Key().array()).hasSize(10);
        }
    }

    @Test
    void mostOfWhatKafkaSentIsGivenOutAsItCame() {
        Batch most = batch(500, 1000);

        assertThat(most.cutOut()).isSameAs(most);
    }

    @Test
    void recordsWithoutBytesTakeMemory() {
        assertThat(batch(10_000, 0).heldBytes()).isGreaterThan(2_000_000);
        assertThat(batch(0, 0).heldBytes()).isZero();
    }

    private Batch batch(int count, int size) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i * (10 + size);
            entries.add(
                    new Entry(
                            i,
                            0,
                            ByteBuffer.wrap(fetched, from, 10).slice(),
                            ByteBuffer.wrap(fetched, from + 10, size).slice(),
                            null));
        }
        return new Batch(entries, count, count);
    }
}
