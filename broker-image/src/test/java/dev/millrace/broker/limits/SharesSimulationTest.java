/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.limits.Shares.Pool;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Gateways in virtual time that share one shard's limits, with messages that are late, lost or come
 * twice, with gateways that join, leave, die, and hear of it late. Beside them runs one bucket of
 * the whole limit: it must never be overdrawn. {@code -Dlimits.seeds=1000} runs more seeds.
 */
class SharesSimulationTest {

    private static final long MS = 1_000_000L;
    private static final ShareKey KEY =
            new ShareKey(new StreamId("abcdefghij0123456789-abc"), new ShardId(0), Limit.WRITE);

    @Test
    void allGatewaysTogetherNeverTakeMoreThanTheLimit() {
        long seeds = Long.getLong("limits.seeds", 150);
        for (long seed = 1; seed <= seeds; seed++) {
            Simulation simulation = new Simulation(seed, true);
            simulation.run(60_000);
            assertThat(simulation.overdrawn).as("seed " + seed).isLessThan(1e-6);
            assertThat(simulation.taken).as("seed " + seed).isPositive();
        }
    }

    @Test
    void oneBusyGatewayOfThreeGetsAllOfIt() {
        Simulation simulation = new Simulation(3, false);
        simulation.join();
        simulation.join();
        simulation.join();
        simulation.run(2_000);
        double before = simulation.taken;
        simulation.demand(1, 0, 0);
        simulation.run(12_000);
        // In ten seconds; the second of it that was saved up comes on top.
        assertThat(simulation.taken - before).isBetween(9_700.0, 11_001.0);
    }

    @Test
    void threeBusyGatewaysGetAllOfItTogether() {
        Simulation simulation = new Simulation(4, false);
        simulation.join();
        simulation.join();
        simulation.join();
        simulation.run(2_000);
        double before = simulation.taken;
        simulation.demand(1, 0.5, 0.2);
        simulation.run(12_000);
        assertThat(simulation.taken - before).isBetween(9_700.0, 11_001.0);
        assertThat(simulation.overdrawn).isLessThan(1e-6);
    }

    private static final class Simulation {
        private final Random random;
        private final boolean faults;
        private final PriorityQueue<Event> queue =
                new PriorityQueue<>((a, b) ->
                        a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.tie, b.tie));
        private final List<Gateway> gateways = new ArrayList<>();
        private Set<GatewayId> members = Set.of();
        private int membersVersion;
        private long now = 1_000 * MS;
        private long ties;
        private int names;
        private double ideal = Limit.WRITE.countPerSecond();
        private long idealAt = now;
        private double overdrawn;
        private double taken;

        private record Event(long at, long tie, Runnable action) {}

        Simulation(long seed, boolean faults) {
            this.random = new Random(seed);
            this.faults = faults;
            if (faults) {
                join();
                after(3_000 * MS, this::somethingHappens);
            }
        }

        private final class Gateway {
            private final GatewayId id = new GatewayId("g" + ++names);
            private final Shares shares = new Shares(this::pool, this::send);
            private Set<GatewayId> seen = Set.of();
            private int seenVersion;
            private double demand = random.nextDouble() * 2;
            private boolean leased = true;
            private boolean dead;

            private Pool pool() {
                return new Pool(
                        leased && seen.contains(id) ? Optional.of(id) : Optional.empty(), seen);
            }

            /** Hears of the members some time after the log has them. */
            void hear() {
                Set<GatewayId> then = members;
                int version = membersVersion;
                after(
                        faults ? random.nextInt(3_000) * MS : MS,
                        () -> {
                            // The log is read in order.
                            if (!dead && version > seenVersion) {
                                seenVersion = version;
                                seen = then;
                            }
                        });
            }

            private void send(ShareMessage message) {
                for (Gateway other : gateways) {
                    int copies =
                            !faults ? 1 : random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(20) / 19;
                    for (int i = 0; i < copies; i++) {
                        long delay =
                                faults && random.nextInt(20) == 0
                                        ? random.nextInt(2_500)
                                        : 1 + random.nextInt(8);
                        after(
                                delay * MS,
                                () -> {
                                    if (!other.dead) {
                                        other.shares.received(message, now);
                                    }
                                });
                    }
                }
            }

            void tick() {
                if (dead) {
                    return;
                }
                shares.tick(now);
                after(10 * MS, this::tick);
            }

            void put() {
                if (dead) {
                    return;
                }
                double records = 1 + random.nextInt(5);
                if (demand > 0 && shares.tryTake(KEY, 1, records, false, now)) {
                    take(records);
                }
                double perSecond = Math.max(0.01, demand) * Limit.WRITE.countPerSecond() / 3;
                after((long) (1e9 / perSecond * 2 * random.nextDouble()) + 1, this::put);
            }

            /** Its lease is over long before others hear that it is gone. */
            void die() {
                dead = true;
                leased = false;
                after(18_000 * MS, () -> forget(this));
            }

            void leave() {
                leased = false;
                dead = true;
                forget(this);
            }
        }

        void join() {
            Gateway gateway = new Gateway();
            gateways.add(gateway);
            Set<GatewayId> more = new HashSet<>(members);
            more.add(gateway.id);
            members = Set.copyOf(more);
            membersVersion++;
            gateways.forEach(Gateway::hear);
            gateway.tick();
            gateway.put();
        }

        private void forget(Gateway gone) {
            gateways.remove(gone);
            Set<GatewayId> fewer = new HashSet<>(members);
            fewer.remove(gone.id);
            members = Set.copyOf(fewer);
            membersVersion++;
            gateways.forEach(Gateway::hear);
        }

        void demand(double... demands) {
            for (int i = 0; i < demands.length; i++) {
                gateways.get(i).demand = demands[i] * 1.5;
            }
        }

        private void somethingHappens() {
            Gateway any = gateways.get(random.nextInt(gateways.size()));
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (gateways.size() < 5) {
                        join();
                    }
                }
                case 2 -> {
                    if (gateways.stream().filter(g -> !g.dead).count() > 1 && !any.dead) {
                        any.leave();
                    }
                }
                case 3 -> {
                    if (gateways.stream().filter(g -> !g.dead).count() > 1 && !any.dead) {
                        any.die();
                    }
                }
                default -> any.demand = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 2;
            }
            after(random.nextInt(3_000) * MS, this::somethingHappens);
        }

        /** What one bucket for all would say. */
        private void take(double records) {
            double full = Limit.WRITE.countPerSecond();
            ideal = Math.min(full, ideal + (now - idealAt) / 1e9 * full);
            idealAt = now;
            ideal -= records;
            overdrawn = Math.max(overdrawn, -ideal);
            taken += records;
        }

        private void after(long nanos, Runnable action) {
            queue.add(new Event(now + nanos, ties++, action));
        }

        void run(long untilMillis) {
            long until = (1_000 + untilMillis) * MS;
            while (!queue.isEmpty() && queue.peek().at <= until) {
                Event event = queue.remove();
                now = event.at;
                event.action().run();
            }
            now = until;
        }
    }
}
