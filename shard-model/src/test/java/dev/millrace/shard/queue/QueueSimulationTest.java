/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.queue.QueueAsk.Change;
import dev.millrace.shard.queue.QueueReply.Handed;
import dev.millrace.shard.queue.QueueReply.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that receive, settle, forget and come late, a keeper that is killed at any moment. Never
 * two have a record in flight at once, nothing acknowledged comes back, and in the end each record
 * was acknowledged.
 */
class QueueSimulationTest {

    private static final int STEPS = 400;
    private static final int MAX_RECEIVE_COUNT = 3;

    private final Set<Place> put = new HashSet<>();
    private final Set<Place> acknowledged = new HashSet<>();
    private final Map<Place, Long> inFlightUntil = new HashMap<>();
    private final Map<Place, Integer> counts = new HashMap<>();
    private final List<Handed> held = new ArrayList<>();
    private final Set<Handed> heldDead = new HashSet<>();
    private final QueueWorld world = new QueueWorld(3, Optional.of(MAX_RECEIVE_COUNT));
    private final long[] ends = new long[3];

    static IntStream seeds() {
        Integer one = Integer.getInteger("simulation.seed");
        return one != null
                ? IntStream.of(one)
                : IntStream.range(0, Integer.getInteger("simulation.seeds", 200));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void keepsItsPromises(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < STEPS; i++) {
            step(random);
        }
        // All come back in time, and what is dead is taken by whoever looks after it.
        for (int i = 0; i < 4 * put.size() && acknowledged.size() < put.size(); i++) {
            world.pass(Duration.ofSeconds(101));
            received(world.receive(10), false).forEach(one -> acknowledge(one, false));
            received(world.receiveDead(10), true).forEach(one -> acknowledge(one, true));
        }
        assertThat(acknowledged).isEqualTo(put);
        assertThat(world.keptOfLog()).isLessThanOrEqualTo(3);
    }

    private void step(Random random) {
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                int shard = random.nextInt(3);
                ends[shard] += 1 + random.nextInt(3);
                put.add(world.put(shard, ends[shard]));
            }
            case 2, 3 -> received(world.receive(1 + random.nextInt(10)), false);
            case 4 -> received(world.receiveDead(1 + random.nextInt(10)), true);
            case 5 -> world.pass(Duration.ofSeconds(random.nextInt(25)));
            case 6 -> settleOne(random);
            default -> {
                if (random.nextInt(4) == 0) {
                    world.kill();
                }
            }
        }
    }

    private List<Handed> received(List<Handed> handed, boolean dead) {
        long now = world.now().toEpochMilli();
        for (Handed one : handed) {
            assertThat(acknowledged).doesNotContain(one.place());
            assertThat(inFlightUntil.getOrDefault(one.place(), 0L)).isLessThanOrEqualTo(now);
            inFlightUntil.put(one.place(), now + 30_000);
            int count = counts.getOrDefault(one.place(), 0) + (dead ? 0 : 1);
            counts.put(one.place(), count);
            assertThat(one.receiveCount()).isEqualTo(count).isLessThanOrEqualTo(MAX_RECEIVE_COUNT);
            if (dead) {
                assertThat(count).isEqualTo(MAX_RECEIVE_COUNT);
                heldDead.add(one);
            }
            held.add(one);
        }
        return handed;
    }

    private void settleOne(Random random) {
        if (held.isEmpty()) {
            return;
        }
        Handed one = held.remove(random.nextInt(held.size()));
        boolean dead = heldDead.contains(one);
        switch (random.nextInt(3)) {
            case 0 -> acknowledge(one, dead);
            case 1 -> {
                int seconds = random.nextInt(100);
                if (world.settle(Change.VISIBILITY, dead, one, seconds) == Outcome.DONE) {
                    inFlightUntil.put(one.place(), world.now().toEpochMilli() + seconds * 1_000L);
                }
            }
            default -> {
                if (dead && world.settle(Change.RESTORE, true, one) == Outcome.DONE) {
                    inFlightUntil.remove(one.place());
                    counts.remove(one.place());
                }
            }
        }
    }

    private void acknowledge(Handed one, boolean dead) {
        if (world.settle(Change.ACKNOWLEDGE, dead, one) == Outcome.DONE) {
            acknowledged.add(one.place());
        }
    }
}
