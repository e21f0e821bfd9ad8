/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class KafkaSubscriptionNewsIT extends SubscriptionsContract {

    private final String bootstrapServers;

    KafkaSubscriptionNewsIT(KafkaNode kafka) {
        this.bootstrapServers = kafka.bootstrapServers();
    }

    @Override
    SubscriptionNews news() {
        return new KafkaSubscriptionNews(bootstrapServers, 1);
    }
}
