/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.connector.ConnectorInsertTableHandle;
import java.util.List;

/**
 * An INSERT, as Trino passes it around.
 *
 * @param description the table's description, JSON
 * @param columns what each row has, in this order
 */
public record StreamInsert(String description, List<StreamColumn> columns)
        implements ConnectorInsertTableHandle {

    public StreamInsert {
        columns = List.copyOf(columns);
    }
}
