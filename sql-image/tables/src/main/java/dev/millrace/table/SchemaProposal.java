/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import java.util.List;
import java.util.Optional;

/**
 * What the records of a stream seem to be, judged by some of them.
 *
 * @param format what their bytes are
 * @param rowtime the column that seems to say when a row happened
 * @param records how many records were looked at
 * @param others how many of them are not of the format
 */
public record SchemaProposal(
        DataFormat format,
        List<Column> columns,
        Optional<String> rowtime,
        int records,
        int others) {

    public SchemaProposal {
        columns = List.copyOf(columns);
    }
}
