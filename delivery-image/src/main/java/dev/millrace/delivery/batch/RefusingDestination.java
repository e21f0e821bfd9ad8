/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A destination that may refuse records, or be given up after some time. */
public interface RefusingDestination extends Destination {

    /** Where its refused records go below the error prefix. */
    String errorType();

    /**
     * What of a batch is not delivered, after the last try. By default all of it.
     *
     * @param why the last try failed
     * @param attempts how many there were
     * @throws DeliveryException if that cannot be told now
     */
    default List<ErrorLine> undelivered(
            SealedBatch batch, DeliveryException why, int attempts, Instant now)
            throws DeliveryException {
        List<ErrorLine> lines = new ArrayList<>();
        batch.payload()
                .forEachRecord((_, _, arrival, data) ->
                        lines.add(
                                new ErrorLine(
                                        errorType(),
                                        attempts,
                                        Instant.ofEpochMilli(arrival),
                                        why.code(),
                                        String.valueOf(why.getMessage()),
                                        now,
                                        data,
                                        Map.of())));
        return lines;
    }

    /** The batch is settled, one way or the other. */
    default void forget(BatchId id) {
        // Nothing is kept by default.
    }
}
