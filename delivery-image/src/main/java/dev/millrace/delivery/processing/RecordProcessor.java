/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.delivery.batch.Output;
import java.util.List;

/** Turns source records into pieces for the buffers. Called by one thread at a time. */
public interface RecordProcessor {

    /**
     * @param records in the order of their shard
     * @return the pieces of each record, in the same order: none where it is dropped; a record that
     *     is wrong becomes a piece that says so
     */
    List<List<Output>> process(List<SourceRecord> records);
}
