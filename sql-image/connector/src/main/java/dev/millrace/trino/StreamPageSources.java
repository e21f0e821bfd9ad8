/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.table.TableDescription;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorPageSource;
import io.trino.spi.connector.ConnectorPageSourceProvider;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.DynamicFilter;
import java.util.List;

/** Begins to read splits. */
final class StreamPageSources implements ConnectorPageSourceProvider {

    private final Pool pool;

    StreamPageSources(Pool pool) {
        this.pool = pool;
    }

    @Override
    public ConnectorPageSource createPageSource(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorSplit split,
            ConnectorTableHandle handle,
            List<ColumnHandle> columns,
            DynamicFilter dynamicFilter) {
        StreamTable table = (StreamTable) handle;
        List<StreamColumn> asked = columns.stream().map(StreamColumn.class::cast).toList();
        StreamSplit part = (StreamSplit) split;
        return new StreamPageSource(
                pool,
                part,
                new RowDecoder(
                        TableDescription.parse(table.description()), asked, part, pool.cipher()),
                table.limit().orElse(Long.MAX_VALUE));
    }
}
