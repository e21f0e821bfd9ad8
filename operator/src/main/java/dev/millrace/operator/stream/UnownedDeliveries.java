/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.StreamStateView;

/** What becomes of a delivery stream that was made through the Firehose API. */
@FunctionalInterface
public interface UnownedDeliveries {

    /** Gives it a resource; does nothing where it has one. */
    void giveResource(PoolRef pool, StreamStateView state);
}
