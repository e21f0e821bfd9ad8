/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueReply;
import dev.millrace.shard.queue.QueueStanding;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The way to the keepers of queues, whichever gateways they are in. Each queue has one at a time.
 * Safe to use from any thread.
 */
public interface QueueKeepers extends AutoCloseable {

    /** What asks call this gateway. */
    String gateway();

    /**
     * Asks the keeper of a queue.
     *
     * @param ask with an id that no other has; the same may be asked again
     * @return the reply; the future never completes if the ask or the reply is lost, so wait with a
     *     bound, and {@link #forget} then
     */
    CompletableFuture<QueueReply> ask(QueueAsk ask);

    /** Nobody waits for the reply to an ask any more. */
    void forget(String askId);

    /** How the queues stood a moment ago that this gateway keeps; other gateways keep others. */
    List<QueueStanding> standings();

    /** Asks nobody any more, and hands the queues that are kept here to other gateways. */
    @Override
    void close();
}
