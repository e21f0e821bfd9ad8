/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.shard.ShardId;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * What gateways tell one another of their subscriptions, in one order for all of them. Safe to use
 * from any thread.
 */
public interface SubscriptionNews extends AutoCloseable {

    /** For a gateway that has no others beside it. */
    SubscriptionNews NONE =
            new SubscriptionNews() {
                @Override
                public void follow(Consumer<Item> listener) {}

                @Override
                public void tell(Item item) {}

                @Override
                public void close() {}
            };

    /**
     * Something that happened to a subscription, here or elsewhere.
     *
     * @param id the subscription's own
     * @param begunAt when it began
     * @param ended whether this tells of its end, else of its beginning
     */
    record Item(String id, String consumerArn, ShardId shard, Instant begunAt, boolean ended) {}

    /**
     * Hands all items from now on to a listener, in their order, those of this gateway among them.
     * Call it once, before anything is told.
     */
    void follow(Consumer<Item> listener);

    /** Does not wait; what does not get through is not missed for long. */
    void tell(Item item);

    @Override
    void close();
}
