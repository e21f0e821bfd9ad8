/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.table.TableDescriptions;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorNodePartitioningProvider;
import io.trino.spi.connector.ConnectorPageSinkProvider;
import io.trino.spi.connector.ConnectorPageSourceProvider;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplitManager;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.session.PropertyMetadata;
import io.trino.spi.transaction.IsolationLevel;
import java.util.List;

/** One catalog: the streams of one pool. */
final class MillraceConnector implements Connector {

    /** There is nothing to remember of a transaction. */
    enum Transaction implements ConnectorTransactionHandle {
        INSTANCE
    }

    private final Pool pool;
    private final StreamMetadata metadata;
    private final StreamSplits splits;
    private final StreamPageSources pageSources;
    private final StreamPageSinks pageSinks;

    MillraceConnector(
            Pool pool,
            StreamMetadata metadata,
            StreamSplits splits,
            StreamPageSources pageSources,
            StreamPageSinks pageSinks) {
        this.pool = pool;
        this.metadata = metadata;
        this.splits = splits;
        this.pageSources = pageSources;
        this.pageSinks = pageSinks;
    }

    @Override
    public ConnectorTransactionHandle beginTransaction(
            IsolationLevel isolationLevel, boolean readOnly, boolean autoCommit) {
        return Transaction.INSTANCE;
    }

    @Override
    public ConnectorMetadata getMetadata(
            ConnectorSession session, ConnectorTransactionHandle transaction) {
        return metadata;
    }

    @Override
    public ConnectorSplitManager getSplitManager() {
        return splits;
    }

    @Override
    public ConnectorPageSourceProvider getPageSourceProvider() {
        return pageSources;
    }

    @Override
    public ConnectorPageSinkProvider getPageSinkProvider() {
        return pageSinks;
    }

    @Override
    public ConnectorNodePartitioningProvider getNodePartitioningProvider() {
        return new OneWriter();
    }

    @Override
    public List<PropertyMetadata<?>> getSessionProperties() {
        return List.of(
                PropertyMetadata.stringProperty(
                        TableDescriptions.SESSION_PROPERTY,
                        "Descriptions of tables, as the runner of an application has them",
                        "",
                        true));
    }

    @Override
    public void shutdown() {
        pool.close();
    }
}
