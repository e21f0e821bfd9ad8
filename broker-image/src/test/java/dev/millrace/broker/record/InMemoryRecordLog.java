/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A log in memory, for tests. */
public final class InMemoryRecordLog implements RecordLog {

    private final Map<Partition, Kept> partitions = new ConcurrentHashMap<>();

    private static final class Kept {
        private final TreeMap<Long, Entry> entries = new TreeMap<>();
        private long begin;
        private long end;
    }

    /** Appends a record and gives its offset. */
    public long append(Partition partition, long timestampMillis, String key, byte[] value) {
        return append(partition, timestampMillis, key, value, null);
    }

    /** Appends a record, which may be encrypted, and gives its offset. */
    public long append(
            Partition partition,
            long timestampMillis,
            String key,
            byte[] value,
            byte @Nullable [] envelope) {
        Kept kept = kept(partition);
        synchronized (kept) {
            long offset = kept.end++;
            kept.entries.put(offset, new Entry(offset, timestampMillis, key, value, envelope));
            kept.notifyAll();
            return offset;
        }
    }

    public void deleteBefore(Partition partition, long offset) {
        Kept kept = kept(partition);
        synchronized (kept) {
            kept.begin = offset;
            kept.entries.headMap(offset).clear();
        }
    }

    @Override
    public Batch read(Partition partition, long from, long to, int recordsMax, int bytesMax) {
        Kept kept = kept(partition);
        synchronized (kept) {
            long next = Math.max(from, kept.begin);
            List<Entry> entries = new ArrayList<>();
            int bytes = 0;
            for (Entry entry : kept.entries.tailMap(next).values()) {
                boolean full = !entries.isEmpty() && bytes + entry.size() > bytesMax;
                if (entries.size() == recordsMax || entry.offset() >= to || full) {
                    break;
                }
                entries.add(entry);
                bytes += entry.size();
                next = entry.offset() + 1;
            }
            return new Batch(entries, next, Math.max(kept.end, next));
        }
    }

    @Override
    public Batch follow(
            Partition partition, long from, long to, int recordsMax, int bytesMax, Duration wait) {
        Kept kept = kept(partition);
        long deadline = System.nanoTime() + wait.toNanos();
        synchronized (kept) {
            while (true) {
                Batch batch = read(partition, from, to, recordsMax, bytesMax);
                long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
                if (!batch.entries().isEmpty() || batch.nextOffset() >= to || left <= 0) {
                    return batch;
                }
                try {
                    kept.wait(left);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    return batch;
                }
            }
        }
    }

    @Override
    public long beginOffset(Partition partition) {
        return kept(partition).begin;
    }

    @Override
    public long endOffset(Partition partition) {
        return kept(partition).end;
    }

    @Override
    public long offsetForTime(Partition partition, Instant time) {
        Kept kept = kept(partition);
        synchronized (kept) {
            return kept.entries.values().stream()
                    .filter(entry -> entry.timestampMillis() >= time.toEpochMilli())
                    .findFirst()
                    .map(Entry::offset)
                    .orElse(kept.end);
        }
    }

    private Kept kept(Partition partition) {
        return partitions.computeIfAbsent(partition, _ -> new Kept());
    }
}
