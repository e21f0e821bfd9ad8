/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.wire.UnavailableException;
import dev.millrace.shard.StreamId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of partitions. Safe to use from any thread; calls block.
 *
 * <p>Each call throws {@link UnavailableException} when the log cannot be read for now.
 */
public interface RecordLog {

    /**
     * Reads records in order, as many as there are and fit. At the end of the partition it answers
     * at once, with none.
     *
     * @param from the first offset wanted; one that is older than all that is kept moves up to the
     *     first that is
     * @param to the offset to stop before
     * @param recordsMax how many records are wanted at most
     * @param bytesMax how many bytes of keys and values; a first record that is larger comes alone
     */
    Batch read(Partition partition, long from, long to, int recordsMax, int bytesMax);

    /**
     * Reads as {@link #read} does, but waits at the end of the partition for the next record.
     *
     * @param wait how long at most; with zero it is a read
     */
    Batch follow(
            Partition partition, long from, long to, int recordsMax, int bytesMax, Duration wait);

    /** The first offset that is kept. */
    long beginOffset(Partition partition);

    /** The offset that the next record gets. */
    long endOffset(Partition partition);

    /** The offset of the first record that arrived at a time or later; the end if none did. */
    long offsetForTime(Partition partition, Instant time);

    /**
     * One partition of a topic.
     *
     * @param stream whose topic it is: one that is made anew has the name of the old one, and
     *     nothing of that may be given out as its own
     */
    record Partition(StreamId stream, String topic, int index) {}

    /**
     * One record. Key and value may be views of the bytes that Kafka sent, which all readers of a
     * partition share: nobody changes them or the buffers' positions.
     *
     * @param utf8Key the partition key
     * @param data what was put, or what that was encrypted to
     * @param envelope what the data is, or was, encrypted with, if it is
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; a copy would cost the hot path.
    record Entry(
            long offset,
            long timestampMillis,
            ByteBuffer utf8Key,
            ByteBuffer data,
            byte @Nullable [] envelope) {

        /** Roughly what one takes beside its key and value. */
        static final int OVERHEAD_BYTES = 250;

        /** One of bytes that are its own. */
        Entry(
                long offset,
                long timestampMillis,
                String key,
                byte[] value,
                byte @Nullable [] envelope) {
            this(
                    offset,
                    timestampMillis,
                    ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)),
                    ByteBuffer.wrap(value),
                    envelope);
        }

        String key() {
            return new String(copyOf(utf8Key), StandardCharsets.UTF_8);
        }

        byte[] value() {
            return copyOf(data);
        }

        /** What it counts towards a read's bytes: those of its key and its data. */
        public int size() {
            return utf8Key.remaining() + data.remaining();
        }

        private Entry cutOut() {
            return new Entry(
                    offset,
                    timestampMillis,
                    ByteBuffer.wrap(copyOf(utf8Key)),
                    ByteBuffer.wrap(copyOf(data)),
                    envelope);
        }

        private static byte[] copyOf(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            return copy;
        }
    }

    /**
     * What a read gave.
     *
     * @param nextOffset where to read on: behind the last entry, and behind what was skipped
     * @param endOffset where the partition ended, as far as is known
     */
    record Batch(List<Entry> entries, long nextOffset, long endOffset) {

        /** How many times its own size it may keep in memory of what Kafka sent with it. */
        private static final int KEPT_TIMES_MAX = 4;

        public Batch {
            entries = List.copyOf(entries);
        }

        /** Keys and values together. */
        public long bytes() {
            long bytes = 0;
            for (Entry entry : entries) {
                bytes += entry.size();
            }
            return bytes;
        }

        /** What it takes in memory while somebody has it. */
        public long heldBytes() {
            return bytes() + (long) Entry.OVERHEAD_BYTES * entries.size();
        }

        /**
         * The same for who has to hold it for as long as a client likes: if its records are a small
         * part of what Kafka sent, all of which views keep in memory, they are copied out of it.
         */
        public Batch cutOut() {
            return keptBytes() <= KEPT_TIMES_MAX * heldBytes()
                    ? this
                    : new Batch(
                            entries.stream().map(Entry::cutOut).toList(), nextOffset, endOffset);
        }

        private long keptBytes() {
            long kept = 0;
            byte[] last = null;
            for (Entry entry : entries) {
                ByteBuffer view = entry.data().hasRemaining() ? entry.data() : entry.utf8Key();
                if (view.hasArray() && view.array() != last) {
                    last = view.array();
                    kept += last.length;
                }
            }
            return kept;
        }
    }
}
