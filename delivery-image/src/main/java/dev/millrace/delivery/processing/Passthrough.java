/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.Output;
import java.util.List;

/** Delivers records as they are. */
public final class Passthrough implements RecordProcessor {

    @Override
    public List<Output> process(SourceRecord record) {
        return List.of(new Output(0, BufferKey.Data.ALL, record.data()));
    }
}
