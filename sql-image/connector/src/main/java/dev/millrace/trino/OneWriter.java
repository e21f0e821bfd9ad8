/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.connector.BucketFunction;
import io.trino.spi.connector.ConnectorBucketNodeMap;
import io.trino.spi.connector.ConnectorNodePartitioningProvider;
import io.trino.spi.connector.ConnectorPartitioningHandle;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.type.Type;
import java.util.List;
import java.util.Optional;

/**
 * Lets all rows of an INSERT go through one writer, whose one transaction they are: a Kafka
 * transaction is of one producer.
 */
final class OneWriter implements ConnectorNodePartitioningProvider {

    /** The partitioning of an INSERT, which has one part. */
    enum Partitioning implements ConnectorPartitioningHandle {
        INSTANCE
    }

    @Override
    public Optional<ConnectorBucketNodeMap> getBucketNodeMapping(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorPartitioningHandle partitioning) {
        return Optional.of(ConnectorBucketNodeMap.createBucketNodeMap(1));
    }

    @Override
    public BucketFunction getBucketFunction(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorPartitioningHandle partitioning,
            List<Type> types,
            int count) {
        return (_, _) -> 0;
    }
}
