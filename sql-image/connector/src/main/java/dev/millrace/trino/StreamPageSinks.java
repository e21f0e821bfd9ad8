/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.table.TableDescription;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorInsertTableHandle;
import io.trino.spi.connector.ConnectorOutputTableHandle;
import io.trino.spi.connector.ConnectorPageSink;
import io.trino.spi.connector.ConnectorPageSinkId;
import io.trino.spi.connector.ConnectorPageSinkProvider;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTransactionHandle;

/** Begins to write what an INSERT gives. */
final class StreamPageSinks implements ConnectorPageSinkProvider {

    private final Pool pool;

    StreamPageSinks(Pool pool) {
        this.pool = pool;
    }

    @Override
    public ConnectorPageSink createPageSink(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorOutputTableHandle handle,
            ConnectorPageSinkId id) {
        throw new TrinoException(
                StandardErrorCode.NOT_SUPPORTED, "A stream is made by its resource, not by SQL");
    }

    @Override
    public ConnectorPageSink createPageSink(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorInsertTableHandle handle,
            ConnectorPageSinkId id) {
        StreamInsert insert = (StreamInsert) handle;
        TableDescription table = TableDescription.parse(insert.description());
        return new StreamPageSink(pool, table.stream(), new RecordEncoder(table, insert.columns()));
    }
}
