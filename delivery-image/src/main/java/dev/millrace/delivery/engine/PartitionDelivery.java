/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.Output;
import dev.millrace.delivery.batch.Payload;
import dev.millrace.delivery.batch.SealedBatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One partition of the source on its way to the destination, as its owner knows it. It decides and
 * does nothing: the owner reads, commits and delivers. For one thread.
 *
 * <p>A record's piece is in an open batch, then in a sealed one whose descriptor is being
 * committed, then in a committed one that may go out, then in a delivered one. Each {@link Commit}
 * takes batches a step further and moves the offset up to the first record that is not delivered.
 * Batches of later records that are delivered already stay written down until the offset has passed
 * them, so that one slow buffer keeps no other one from going out.
 *
 * <p>After a crash the next owner starts from the committed offset and the descriptors. Reading
 * again, it passes over what was delivered, and gathers what was sealed into the same batches as
 * before: which record belongs to which batch is written down and not computed again, so that it
 * holds even where the configuration has changed in between.
 */
public final class PartitionDelivery {

    /** A descriptor with more runs than this would become large. */
    static final int RUNS_MAX = 50_000;

    private static final byte[] NOTHING = {};

    private final int partition;
    private final byte[] separator;
    private final ActivePartitions active;
    private final RecoveredMembers recovered;

    private final Map<BufferKey, OpenBatch> open = new LinkedHashMap<>();
    private final Map<BatchId, SealedBatch> proposed = new LinkedHashMap<>();
    private final Map<BatchId, SealedBatch> regathered = new LinkedHashMap<>();
    private final Map<BatchId, SealedBatch> ready = new LinkedHashMap<>();
    private final Map<BatchId, SealedBatch> out = new LinkedHashMap<>();
    private final Map<BatchId, BatchDescriptor> delivered = new LinkedHashMap<>();

    /** The last offsets of batches that are written down as delivered. */
    private final Map<BatchId, Long> kept = new HashMap<>();

    private long position;
    private OptionalLong committed;

    /**
     * @param start the first offset to be read: the committed one, or where delivery begins
     * @param committed the committed offset
     * @param descriptors what the owners before have written down
     * @param separator what comes between two records of a batch
     * @param active of all partitions of the source that this worker owns
     */
    public PartitionDelivery(
            int partition,
            long start,
            OptionalLong committed,
            Collection<BatchDescriptor> descriptors,
            byte[] separator,
            ActivePartitions active) {
        this.partition = partition;
        this.separator = separator.clone();
        this.active = active;
        this.position = start;
        this.committed = committed;
        this.recovered = new RecoveredMembers(List.copyOf(descriptors));
        for (BatchDescriptor descriptor : descriptors) {
            switch (descriptor.state()) {
                case SEALED -> {
                    regathered.put(
                            descriptor.id(),
                            new SealedBatch(
                                    descriptor, new Payload(separatorOf(descriptor.key()))));
                    active.enter(descriptor.key());
                }
                case DELIVERED -> kept.put(descriptor.id(), descriptor.last());
            }
        }
        readyWhereRead();
    }

    public int partition() {
        return partition;
    }

    /** The offset that is read next. */
    public long position() {
        return position;
    }

    /** The offset before which all is delivered and known to be, as last committed. */
    public OptionalLong committed() {
        return committed;
    }

    /**
     * Whether a piece may go to the buffer of its key; otherwise {@link #add} it to that of {@link
     * BufferKey.Failed#ACTIVE_PARTITION_EXCEEDED}. Where an earlier owner has decided, it stays
     * decided.
     */
    public boolean admits(long offset, Output output) {
        if (!(output.key() instanceof BufferKey.Data)) {
            return true;
        }
        Optional<BatchDescriptor> known = recovered.batchOf(offset, output.lane());
        return known.isPresent()
                ? !known.get().key().equals(BufferKey.Failed.ACTIVE_PARTITION_EXCEEDED)
                : active.hasRoomFor(output.key());
    }

    /** Takes a piece of the record that is read. Then comes {@link #readTo}. */
    public void add(long offset, Instant arrival, Output output, Instant now) {
        Optional<BatchDescriptor> known = recovered.batchOf(offset, output.lane());
        if (known.isPresent()) {
            SealedBatch again = regathered.get(known.get().id());
            if (again != null) {
                again.payload().append(offset, output.lane(), arrival, output.data());
            }
            return;
        }
        open.computeIfAbsent(output.key(), key -> open(key, offset, arrival, now))
                .add(offset, arrival, output);
    }

    private OpenBatch open(BufferKey key, long offset, Instant arrival, Instant now) {
        active.enter(key);
        return new OpenBatch(key, separatorOf(key), offset, arrival, now);
    }

    /** All records before the offset were read, and their pieces added. */
    public void readTo(long offset) {
        if (offset > position) {
            position = offset;
            readyWhereRead();
        }
    }

    /** The open batches that are to be sealed by now. */
    public List<OpenBatch> due(Buffering buffering, Instant now) {
        List<OpenBatch> due = new ArrayList<>();
        for (OpenBatch batch : open.values()) {
            BufferingHints hints = buffering.of(batch.key());
            if (batch.payload().bytes() >= hints.sizeBytes()
                    || !now.isBefore(batch.openedAt().plus(hints.age()))
                    || batch.runCount() >= RUNS_MAX) {
                due.add(batch);
            }
        }
        return due;
    }

    public Collection<OpenBatch> open() {
        return List.copyOf(open.values());
    }

    /** The open batch that keeps the committed offset where it is. */
    public Optional<OpenBatch> oldestOpen() {
        return open.values().stream().min((a, b) -> Long.compare(a.first(), b.first()));
    }

    /** Closes a batch, so that the next commit writes it down. */
    public void seal(OpenBatch batch, BatchId id, String name) {
        if (!open.remove(batch.key(), batch)) {
            throw new IllegalArgumentException("No open batch of partition " + partition);
        }
        proposed.put(id, new SealedBatch(batch.descriptor(id, partition, name), batch.payload()));
    }

    /** The batches that may go out and did not so far, the oldest first; each is given once. */
    public List<SealedBatch> takeReady() {
        List<SealedBatch> taken =
                ready.values().stream()
                        .sorted(Comparator.comparingLong(batch -> batch.descriptor().first()))
                        .toList();
        out.putAll(ready);
        ready.clear();
        return taken;
    }

    /** A batch has gone out. */
    public void delivered(BatchId id) {
        SealedBatch batch = out.remove(id);
        if (batch != null) {
            delivered.put(id, batch.descriptor());
            active.leave(batch.descriptor().key());
        }
    }

    /** Another worker has the partition now; nothing is asked of this any more. */
    public void left() {
        open.keySet().forEach(active::leave);
        for (Map<BatchId, SealedBatch> batches : List.of(proposed, regathered, ready, out)) {
            batches.values().forEach(batch -> active.leave(batch.descriptor().key()));
        }
    }

    /** Whether there is something that is worth a commit at once. */
    public boolean hasNews() {
        return committed.isEmpty() || !proposed.isEmpty() || !delivered.isEmpty();
    }

    /** Whether the offset alone has moved. */
    public boolean hasMoved() {
        return committed.isEmpty() || committed.getAsLong() < watermark();
    }

    /** What is to be committed. It changes nothing here. */
    public Commit prepare() {
        long offset = watermark();
        List<BatchDescriptor> puts = new ArrayList<>();
        List<BatchId> gone = new ArrayList<>();
        proposed.values().forEach(batch -> puts.add(batch.descriptor()));
        for (BatchDescriptor descriptor : delivered.values()) {
            if (descriptor.last() < offset) {
                gone.add(descriptor.id());
            } else {
                puts.add(descriptor.delivered());
            }
        }
        kept.forEach((id, last) -> {
            if (last < offset) {
                gone.add(id);
            }
        });
        return new Commit(partition, offset, puts, gone);
    }

    /** What {@link #prepare} gave is committed. */
    public void applied(Commit commit) {
        committed = OptionalLong.of(commit.offset());
        commit.gone()
                .forEach(id -> {
                    delivered.remove(id);
                    kept.remove(id);
                });
        for (BatchDescriptor put : commit.puts()) {
            switch (put.state()) {
                case SEALED -> {
                    SealedBatch batch = proposed.remove(put.id());
                    if (batch != null) {
                        ready.put(put.id(), batch);
                    }
                }
                case DELIVERED -> {
                    delivered.remove(put.id());
                    kept.put(put.id(), put.last());
                }
            }
        }
    }

    /** How much memory all of it takes. */
    public long heldBytes() {
        long held = openBytes();
        for (Map<BatchId, SealedBatch> batches : List.of(proposed, regathered, ready, out)) {
            for (SealedBatch batch : batches.values()) {
                held += batch.payload().heldBytes();
            }
        }
        return held;
    }

    /** How much memory the open batches take. */
    public long openBytes() {
        long held = 0;
        for (OpenBatch batch : open.values()) {
            held += batch.heldBytes();
        }
        return held;
    }

    /** How many records were read since the first that is not delivered. */
    public long span() {
        return position - watermark();
    }

    /** When the oldest record came that is not delivered; none when there is none. */
    public Optional<Instant> oldestUndelivered() {
        Optional<Instant> oldest =
                open.values().stream().map(OpenBatch::oldestArrival).min(Instant::compareTo);
        for (Map<BatchId, SealedBatch> batches : List.of(proposed, regathered, ready, out)) {
            for (SealedBatch batch : batches.values()) {
                Instant arrival = batch.descriptor().oldestArrival();
                if (oldest.isEmpty() || arrival.isBefore(oldest.get())) {
                    oldest = Optional.of(arrival);
                }
            }
        }
        return oldest;
    }

    /** Whether all that was read is delivered. */
    public boolean isIdle() {
        return watermark() == position;
    }

    /** Error lines have ends of their own, and a backup is as it came. */
    private byte[] separatorOf(BufferKey key) {
        return key instanceof BufferKey.Data ? separator : NOTHING;
    }

    private void readyWhereRead() {
        List<SealedBatch> whole =
                regathered.values().stream()
                        .filter(batch -> batch.descriptor().last() < position)
                        .toList();
        for (SealedBatch batch : whole) {
            regathered.remove(batch.descriptor().id());
            ready.put(batch.descriptor().id(), batch);
        }
    }

    private long watermark() {
        long lowest = position;
        for (OpenBatch batch : open.values()) {
            lowest = Math.min(lowest, batch.first());
        }
        for (Map<BatchId, SealedBatch> batches : List.of(proposed, regathered, ready, out)) {
            for (SealedBatch batch : batches.values()) {
                lowest = Math.min(lowest, batch.descriptor().first());
            }
        }
        return Math.max(lowest, committed.orElse(0));
    }
}
