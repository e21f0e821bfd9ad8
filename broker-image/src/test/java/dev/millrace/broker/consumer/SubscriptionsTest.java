/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

class SubscriptionsTest extends SubscriptionsContract {

    private final List<Consumer<SubscriptionNews.Item>> listeners = new CopyOnWriteArrayList<>();

    @Override
    SubscriptionNews news() {
        return new SubscriptionNews() {
            @Override
            public void follow(Consumer<Item> listener) {
                listeners.add(listener);
            }

            @Override
            public void tell(Item item) {
                listeners.forEach(listener -> listener.accept(item));
            }

            @Override
            public void close() {}
        };
    }
}
