/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A kind of file of columns. Safe to use from any thread. */
public sealed interface ColumnFile permits ParquetFile, OrcFile {

    /** Takes rows and, when it is closed, has written the whole file. */
    interface Writer extends AutoCloseable {
        void write(@Nullable Object[] row) throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * A file that is written into a stream, which stays open.
     *
     * @param rowGroupBytes about how much is held back to be written at once
     */
    Writer into(OutputStream out, long rowGroupBytes) throws IOException;

    /** The end of an object's name. */
    String extension();
}
