/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Partition;
import java.util.Optional;

/**
 * The newest records of the partitions that somebody reads at their ends. All readers of a
 * partition share one {@link Tail}, so that Kafka hands out each record once.
 */
interface Tails extends AutoCloseable {

    /** The tail of a partition, if it is followed now. */
    Optional<Tail> find(Partition partition);

    /**
     * Has a partition followed from an offset on, unless it is already.
     *
     * @return none if as many are followed as can be
     */
    Optional<Tail> open(Partition partition, long offset);

    @Override
    void close();
}
