/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.Kind;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.StreamName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VolumeGuardTest {

    private static final StreamName STREAM = new StreamName("orders");
    private static final AppendResult TAKEN = new AppendResult.Refused(Kind.RESOURCE_NOT_FOUND, "");

    private final NewRecord record = new NewRecord(HashKey.MIN, "key", new byte[1]);
    private Optional<String> full = Optional.empty();
    private final VolumeGuard guard = new VolumeGuard(VolumeGuardTest::take, () -> full);

    @Test
    void everyRecordIsRefusedWhileThereIsNoRoomAndNoneAfter() throws InterruptedException {
        assertThat(append()).containsExactly(TAKEN, TAKEN);
        full = Optional.of("The volume of broker 0 is full");
        AppendResult refused =
                new AppendResult.Refused(Kind.INTERNAL_FAILURE, "The volume of broker 0 is full");
        assertThat(append()).containsExactly(refused, refused);
        full = Optional.empty();
        assertThat(append()).containsExactly(TAKEN, TAKEN);
    }

    private List<AppendResult> append() throws InterruptedException {
        return guard.append(STREAM, List.of(record, record)).await(Duration.ofSeconds(5));
    }

    private static Appends take(StreamName stream, List<NewRecord> records) {
        Appends appends = new Appends(records.size());
        for (int i = 0; i < records.size(); i++) {
            appends.complete(i, TAKEN);
        }
        return appends;
    }
}
