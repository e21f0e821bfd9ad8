/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.consumer.Subscriptions.Subscription;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.shard.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two gateways, whatever they tell each other through. */
@Timeout(60)
abstract class SubscriptionsContract {

    private static final ShardId SHARD = new ShardId(0);
    private static final int MAX = 3;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final String consumer = "consumer-" + UUID.randomUUID();
    private SubscriptionNews ofOne;
    private SubscriptionNews ofOther;
    private Subscriptions one;
    private Subscriptions other;

    /** A gateway's way to tell the other one. */
    abstract SubscriptionNews news();

    @BeforeEach
    void open() {
        ofOne = news();
        ofOther = news();
        one = new Subscriptions(now::get, MAX, ofOne);
        other = new Subscriptions(now::get, MAX, ofOther);
    }

    @AfterEach
    void close() {
        ofOne.close();
        ofOther.close();
    }

    @Test
    void aSecondOneTakesThePlaceOfTheFirstOnAnotherGateway() {
        Subscription first = one.begin(consumer, SHARD);
        Subscription elsewhere = one.begin(consumer, new ShardId(1));
        pass(6);
        Subscription second = other.begin(consumer, SHARD);
        Awaitility.await().until(first::isEnded);
        assertThat(second.isEnded()).isFalse();
        assertThat(elsewhere.isEnded()).isFalse();

        pass(6);
        Subscription third = one.begin(consumer, SHARD);
        Awaitility.await().until(second::isEnded);
        assertThat(third.isEnded()).isFalse();
    }

    @Test
    void notWithinFiveSeconds() {
        // Both follow, as gateways do that have a subscription.
        Subscription warm = other.begin(consumer, new ShardId(1));
        one.begin(consumer, SHARD);
        Awaitility.await()
                .until(() -> {
                    try {
                        other.begin(consumer, SHARD).close();
                        return false;
                    } catch (AwsException e) {
                        return e.code().awsName().equals("ResourceInUseException");
                    }
                });
        assertThat(warm.isEnded()).isFalse();
    }

    @Test
    void oneThatHasEndedIsInNobodysWay() {
        Subscription warm = other.begin(consumer, new ShardId(1));
        one.begin(consumer, SHARD).close();
        Awaitility.await().ignoreExceptions().until(() -> !other.begin(consumer, SHARD).isEnded());
        assertThat(warm.isEnded()).isFalse();
    }

    @Test
    void thereAreSoManyAndNoMore() {
        for (int i = 0; i < MAX; i++) {
            one.begin(consumer, new ShardId(i));
        }
        assertThatThrownBy(() -> one.begin(consumer, new ShardId(MAX)))
                .isInstanceOf(AwsException.class)
                .hasMessageContaining("3 subscriptions");
    }

    private void pass(int seconds) {
        now.updateAndGet(time -> time.plus(Duration.ofSeconds(seconds)));
    }
}
