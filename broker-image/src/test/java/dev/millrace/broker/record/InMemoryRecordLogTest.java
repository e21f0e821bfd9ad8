/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.shard.StreamId;
import java.util.Random;

class InMemoryRecordLogTest extends RecordLogContract {

    private final InMemoryRecordLog log = new InMemoryRecordLog();
    private final StreamId stream = StreamId.random(new Random(1));
    private int partitions;

    @Override
    RecordLog log() {
        return log;
    }

    @Override
    Partition newPartition() {
        return new Partition(stream, "records", partitions++);
    }

    @Override
    void append(Partition partition, long timestampMillis, String key, byte[] value) {
        log.append(partition, timestampMillis, key, value);
    }

    @Override
    void deleteBefore(Partition partition, long offset) {
        log.deleteBefore(partition, offset);
    }
}
