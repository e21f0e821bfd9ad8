/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.columns.ColumnFile;
import dev.millrace.delivery.columns.RowException;
import dev.millrace.delivery.columns.RowReader;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** How the records of a batch become the bytes of an object. Safe to use from any thread. */
public sealed interface ObjectFormat {

    /** A record that the format cannot take. */
    record Refused(long arrivalMillis, byte[] data, RowException why) {}

    /** The end of an object's name. */
    String extension();

    Optional<String> contentEncoding();

    /**
     * Writes the object, and closes the stream.
     *
     * @return the records that are not in it
     */
    List<Refused> write(SealedBatch batch, OutputStream out) throws IOException;

    /** Records behind each other. */
    record Plain(Compression compression) implements ObjectFormat {

        @Override
        public String extension() {
            return compression.extension();
        }

        @Override
        public Optional<String> contentEncoding() {
            return compression.contentEncoding();
        }

        @Override
        public List<Refused> write(SealedBatch batch, OutputStream out) throws IOException {
            try (InputStream raw = batch.payload().open();
                    OutputStream into = compression.into(out, batch.descriptor().name())) {
                raw.transferTo(into);
            }
            return List.of();
        }
    }

    /**
     * Rows in a file of columns.
     *
     * @param atOnce how many files are written at once, for each holds its columns in memory
     */
    record Rows(ColumnFile file, RowReader reader, Semaphore atOnce) implements ObjectFormat {

        private static final long GROUP_MIN = 1 << 20;
        private static final long GROUP_MAX = 64 << 20;

        public Rows(ColumnFile file, RowReader reader) {
            this(file, reader, new Semaphore(filesAtOnce()));
        }

        private static int filesAtOnce() {
            long fit = Runtime.getRuntime().maxMemory() / (512 << 20);
            return (int) Math.clamp(fit, 1, Runtime.getRuntime().availableProcessors());
        }

        @Override
        public String extension() {
            return file.extension();
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.empty();
        }

        @Override
        public List<Refused> write(SealedBatch batch, OutputStream out) throws IOException {
            atOnce.acquireUninterruptibly();
            try (out) {
                List<Refused> refused = new ArrayList<>();
                long group = Math.clamp(batch.payload().bytes(), GROUP_MIN, GROUP_MAX);
                try (ColumnFile.Writer writer = file.into(new KeptOpen(out), group)) {
                    batch.payload()
                            .forEachRecord((_, _, arrival, data) -> {
                                try {
                                    for (@Nullable Object[] row : reader.rows(data)) {
                                        writer.write(row);
                                    }
                                } catch (RowException e) {
                                    refused.add(new Refused(arrival, data, e));
                                }
                            });
                }
                return refused;
            } finally {
                atOnce.release();
            }
        }
    }

    /** A stream that a writer may close, which means nothing here. */
    final class KeptOpen extends FilterOutputStream {
        private KeptOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] data, int offset, int length) throws IOException {
            out.write(data, offset, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
