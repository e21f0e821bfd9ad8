/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.columns.RowException;
import dev.millrace.delivery.columns.RowReader;
import java.util.List;

/**
 * Refuses records that are no rows of the table that is declared. They are found here and not when
 * the file is written, so that what is in a batch is written down once and for all.
 */
record RowCheck(RowReader reader) implements Stage.Each {

    @Override
    public List<Item> apply(Item.Live item) {
        try {
            var _ = reader.rows(item.data());
            return List.of(item);
        } catch (RowException e) {
            return List.of(
                    item.failed(
                            ErrorLine.FORMAT_CONVERSION, e.code(), String.valueOf(e.getMessage())));
        }
    }
}
