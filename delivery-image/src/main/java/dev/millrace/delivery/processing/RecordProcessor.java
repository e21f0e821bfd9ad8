/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.delivery.batch.Output;
import java.util.List;

/** Turns a source record into pieces for the buffers. Called by one thread at a time. */
public interface RecordProcessor {

    /** None where the record is dropped; a record that is wrong becomes a piece that says so. */
    List<Output> process(SourceRecord record);
}
