/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.shard.map.QueueStart;
import dev.millrace.shard.queue.QueueAsk.Change;
import dev.millrace.shard.queue.QueueReply.Handed;
import dev.millrace.shard.queue.QueueReply.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QueueKeeperTest {

    private static final Optional<Integer> TWICE = Optional.of(2);

    private final QueueWorld world = new QueueWorld(2, TWICE);

    @Test
    void aRecordIsInvisibleUntilItsTimeIsOver() {
        Place place = world.put(0, 0);
        assertThat(world.receive(10)).extracting(Handed::place).containsExactly(place);
        assertThat(world.receive(10)).isEmpty();

        world.pass(Duration.ofSeconds(29));
        assertThat(world.receive(10)).isEmpty();
        world.pass(Duration.ofSeconds(1));

        List<Handed> again = world.receive(10);
        assertThat(again).extracting(Handed::place).containsExactly(place);
        assertThat(again.getFirst().receiveCount()).isEqualTo(2);
        assertThat(again.getFirst().firstReceivedAt())
                .isEqualTo(world.now().minus(Duration.ofSeconds(30)).minusMillis(2));
    }

    @Test
    void whatIsAcknowledgedNeverComesBack() {
        world.put(0, 0);
        Handed handed = world.receive(1).getFirst();

        assertThat(world.settle(Change.ACKNOWLEDGE, false, handed)).isEqualTo(Outcome.DONE);
        assertThat(world.settle(Change.ACKNOWLEDGE, false, handed)).isEqualTo(Outcome.DONE);

        world.pass(Duration.ofHours(1));
        world.kill();
        assertThat(world.receive(10)).isEmpty();
        assertThat(world.receiveDead(10)).isEmpty();
        // The cursor of the shard, and nothing of the record.
        assertThat(world.keptOfLog()).isEqualTo(1);
    }

    @Test
    void onlyTheNewestHandleIsGood() {
        world.put(0, 0);
        Handed first = world.receive(1).getFirst();
        world.pass(Duration.ofMinutes(1));
        Handed second = world.receive(1).getFirst();

        assertThat(world.settle(Change.ACKNOWLEDGE, false, first))
                .isEqualTo(Outcome.RECEIVED_AGAIN);
        assertThat(world.settle(Change.ACKNOWLEDGE, false, second)).isEqualTo(Outcome.DONE);
    }

    @Test
    void whoIsLateMayStillAcknowledge() {
        world.put(0, 0);
        Handed handed = world.receive(1).getFirst();
        world.pass(Duration.ofMinutes(1));

        assertThat(world.settle(Change.VISIBILITY, false, handed, 10))
                .isEqualTo(Outcome.NOT_IN_FLIGHT);
        assertThat(world.settle(Change.ACKNOWLEDGE, false, handed)).isEqualTo(Outcome.DONE);
        assertThat(world.receive(1)).isEmpty();
    }

    @Test
    void tellsHowTheQueueStands() {
        assertThat(world.standings()).isEmpty();
        world.put(0, 0);
        Instant oldest = world.now();
        world.pass(Duration.ofSeconds(1));
        world.put(1, 0);
        // One shard was looked into before the other.
        assertThat(world.receive(1)).hasSize(1);
        assertThat(world.receive(1)).hasSize(1);
        assertThat(world.standings())
                .extracting(QueueStanding::inFlight, QueueStanding::returned, QueueStanding::dead)
                .containsExactly(tuple(2, 0, 0));
        assertThat(world.standings().getFirst().oldestArrival()).contains(oldest);

        world.pass(Duration.ofMinutes(1));
        assertThat(world.standings())
                .extracting(QueueStanding::inFlight, QueueStanding::returned, QueueStanding::dead)
                .containsExactly(tuple(0, 2, 0));
        world.receive(1);
        // A second time is one too often, and nobody asks for it again.
        world.pass(Duration.ofMinutes(1));
        assertThat(world.standings())
                .extracting(QueueStanding::inFlight, QueueStanding::returned, QueueStanding::dead)
                .containsExactly(tuple(0, 1, 1));

        world.deleteQueue();
        assertThat(world.standings()).isEmpty();
    }

    @Test
    void theTimeCanBeExtendedAndEnded() {
        world.put(0, 0);
        Handed handed = world.receive(1).getFirst();
        assertThat(world.settle(Change.VISIBILITY, false, handed, 43_200)).isEqualTo(Outcome.DONE);
        world.pass(Duration.ofHours(11));
        assertThat(world.receive(1)).isEmpty();

        assertThat(world.settle(Change.VISIBILITY, false, handed, 0)).isEqualTo(Outcome.DONE);
        assertThat(world.receive(1)).hasSize(1);
    }

    @Test
    void aRecordThatIsVisibleAtOnceIsGivenOnceAnAnswer() {
        world.put(0, 0);
        assertThat(QueueWorld.received(world.receive(false, 10, 1, Optional.of(0)))).hasSize(1);
        assertThat(QueueWorld.received(world.receive(false, 10, 1, Optional.of(0)))).hasSize(1);
        assertThat(world.receive(10)).isEmpty();
        assertThat(world.receiveDead(10)).hasSize(1);
    }

    @Test
    void whatIsReceivedTooOftenIsADeadLetterUntilItIsRestored() {
        Place place = world.put(0, 0);
        world.receive(1);
        world.pass(Duration.ofMinutes(1));
        Handed second = world.receive(1).getFirst();
        assertThat(world.receiveDead(1)).isEmpty();
        world.pass(Duration.ofMinutes(1));

        assertThat(world.receive(1)).isEmpty();
        world.kill();
        Handed dead = world.receiveDead(1).getFirst();
        assertThat(dead.place()).isEqualTo(place);
        assertThat(dead.receiveCount()).isEqualTo(2);
        assertThat(world.receiveDead(1)).isEmpty();
        assertThat(world.settle(Change.ACKNOWLEDGE, false, dead)).isEqualTo(Outcome.IS_DEAD);
        assertThat(world.settle(Change.ACKNOWLEDGE, true, second))
                .isEqualTo(Outcome.RECEIVED_AGAIN);

        assertThat(world.settle(Change.RESTORE, true, dead)).isEqualTo(Outcome.DONE);
        Handed restored = world.receive(1).getFirst();
        assertThat(restored.receiveCount()).isEqualTo(1);
        assertThat(world.settle(Change.RESTORE, true, restored)).isEqualTo(Outcome.IS_NOT_DEAD);
        assertThat(world.settle(Change.ACKNOWLEDGE, false, restored)).isEqualTo(Outcome.DONE);
    }

    @Test
    void deadLettersHaveAVisibilityOfTheirOwn() {
        world.put(0, 0);
        world.receive(1);
        world.pass(Duration.ofMinutes(1));
        world.receive(1);
        world.pass(Duration.ofMinutes(1));
        Handed dead = world.receiveDead(1).getFirst();

        assertThat(world.settle(Change.VISIBILITY, true, dead, 0)).isEqualTo(Outcome.DONE);
        Handed again = world.receiveDead(1).getFirst();
        assertThat(world.settle(Change.ACKNOWLEDGE, true, again)).isEqualTo(Outcome.DONE);
        world.pass(Duration.ofHours(1));
        assertThat(world.receiveDead(1)).isEmpty();
    }

    @Test
    void withoutDeadLettersARecordComesBackForEver() {
        QueueWorld forever = new QueueWorld(1, Optional.empty());
        forever.put(0, 0);
        for (int i = 1; i <= 50; i++) {
            assertThat(forever.receive(1).getFirst().receiveCount()).isEqualTo(i);
            forever.pass(Duration.ofMinutes(1));
        }
        forever.define(startOfAll(forever), Optional.of(10));
        assertThat(forever.receive(1)).isEmpty();
        assertThat(forever.receiveDead(1)).hasSize(1);
    }

    @Test
    void aReceiverWaitsForARecordThatComesOrComesBack() {
        assertThat(world.receive(false, 1, 20_000, Optional.empty())).isEmpty();
        world.pass(Duration.ofSeconds(5));
        world.put(1, 0);
        world.pass(Duration.ofSeconds(1));
        assertThat(QueueWorld.received(world.lastReply())).hasSize(1);

        assertThat(world.receive(false, 1, 60_000, Optional.empty())).isEmpty();
        world.pass(Duration.ofSeconds(30));
        assertThat(QueueWorld.received(world.lastReply())).hasSize(1);

        assertThat(world.receive(false, 1, 5_000, Optional.empty())).isEmpty();
        world.pass(Duration.ofSeconds(5));
        assertThat(QueueWorld.received(world.lastReply())).isEmpty();
    }

    @Test
    void whoAsksAgainIsTheSameReceiver() {
        assertThat(world.receive(false, 1, 20_000, Optional.empty())).isEmpty();
        world.askAgain();
        world.put(0, 0);
        world.put(0, 1);
        world.pass(Duration.ofSeconds(1));
        assertThat(QueueWorld.received(world.lastReply())).hasSize(1);
        world.askAgain();
        // Nobody else has the other one.
        assertThat(world.receive(10)).hasSize(1);

        assertThat(world.receive(false, 1, 20_000, Optional.empty())).isEmpty();
        world.kill();
        world.askAgain();
        world.put(0, 2);
        world.pass(Duration.ofSeconds(1));
        assertThat(QueueWorld.received(world.lastReply())).hasSize(1);
    }

    @Test
    void allShardsHaveTheirTurnAndNoneAReceiverGetsTooMuch() {
        for (int i = 0; i < 200; i++) {
            world.put(0, i);
            world.put(1, 2 * i);
        }
        Set<Place> seen = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            List<Handed> handed = world.receive(10);
            assertThat(handed).hasSize(10);
            handed.forEach(one -> assertThat(seen.add(one.place())).isTrue());
            if (i == 1) {
                assertThat(handed).filteredOn(one -> one.place().shard().index() == 1).hasSize(5);
            }
        }
        assertThat(seen).hasSize(400);
        assertThat(world.receive(10)).isEmpty();
    }

    @Test
    void anAnswerKeepsWithinItsBytes() {
        for (int i = 0; i < 200; i++) {
            world.put(0, i);
        }
        assertThat(world.receive(150)).hasSize(1_000 / QueueWorld.BYTES);
    }

    @Test
    void aKilledKeeperLosesNothing() {
        for (int i = 0; i < 30; i++) {
            world.put(0, 3 * i);
        }
        List<Handed> handed = world.receive(10);
        world.settle(Change.ACKNOWLEDGE, false, handed.getFirst());
        world.kill();

        assertThat(world.receive(30)).hasSize(20);
        world.pass(Duration.ofMinutes(1));
        assertThat(world.receive(30)).hasSize(29);
        assertThat(world.settle(Change.VISIBILITY, false, handed.getLast(), 10))
                .isEqualTo(Outcome.RECEIVED_AGAIN);
    }

    @Test
    void whatLiesBehindTheEndOfAClosedShardIsNeverDelivered() {
        for (int i = 0; i < 4; i++) {
            world.put(0, i);
        }
        // Offset 2 is received while the shard is still open, 3 is only known of.
        assertThat(world.receive(3)).hasSize(3);
        world.close(0, 2);
        assertThat(world.receive(10)).isEmpty();
        world.pass(Duration.ofMinutes(2));
        assertThat(world.receive(10)).hasSize(2);
    }

    @Test
    void aQueueBeginsWhereItIsToldTo() {
        for (int i = 0; i < 10; i++) {
            world.put(0, i);
            world.put(1, i);
        }
        world.define(new QueueStart(QueueStart.Type.LATEST, world.now(), Map.of(0L, 7L), 2), TWICE);
        assertThat(world.receive(10))
                .extracting(one -> one.place().offset())
                .containsExactly(7L, 8L, 9L);
    }

    @Test
    void whatExpiresIsForgotten() {
        world.put(0, 0);
        world.receive(1);
        world.pass(Duration.ofHours(25));
        assertThat(world.receive(1)).isEmpty();
        assertThat(world.keptOfLog()).isEqualTo(1);
    }

    @Test
    void aQueueThatIsDeletedLeavesNothing() {
        world.put(0, 0);
        world.receive(1);
        world.deleteQueue();
        for (int i = 0; i < 4; i++) {
            world.pass(Duration.ofMinutes(1));
        }
        assertThat(world.keptOfLog()).isZero();
    }

    @Test
    void aQueueRemembersSoManyAndNoMore() {
        QueueWorld small = new QueueWorld(1, TWICE, 5);
        for (int i = 0; i < 10; i++) {
            small.put(0, i);
        }
        List<Handed> handed = small.receive(10);
        assertThat(handed).hasSize(5);
        assertThat(small.receive(false, 10, 1, Optional.empty()))
                .containsInstanceOf(QueueReply.Refused.class);
        small.settle(Change.ACKNOWLEDGE, false, handed.getFirst());
        assertThat(small.receive(10)).hasSize(1);
    }

    @Test
    void soManyReceiversWaitAndNoMore() {
        for (int i = 0; i < QueueKeeper.WAITING_MAX; i++) {
            assertThat(world.receive(false, 1, 20_000, Optional.empty())).isEmpty();
        }
        assertThat(world.receive(false, 1, 20_000, Optional.empty()))
                .containsInstanceOf(QueueReply.Refused.class);
        world.pass(Duration.ofSeconds(20));
        assertThat(world.receive(false, 1, 20_000, Optional.empty())).isEmpty();
    }

    private static QueueStart startOfAll(QueueWorld world) {
        return new QueueStart(QueueStart.Type.TRIM_HORIZON, world.now(), Map.of(), 0);
    }
}
