/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.gate.Admission;
import dev.millrace.shard.gate.PutGate;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.Decision;
import dev.millrace.shard.map.Effect;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.Input;
import dev.millrace.shard.map.Leases;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapCoordinator;
import dev.millrace.shard.map.ShardMapRecord;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamStatus;
import dev.millrace.shard.map.StreamView;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool in one thread and virtual time, from one seed: brokers, a writer that dies and is
 * replaced, gateways that lag, stall, die and come back, and clients that put numbered records by
 * key. The shard map's coordinator and the gateways' gate are the real ones.
 *
 * <p>What is random: every delay, the order of what happens at the same time, who fails and when.
 */
final class Simulation {

    static final StreamName STREAM = new StreamName("orders");

    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final int KEYS = 40;

    private final Random random;
    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::tie));
    private final List<List<ShardMapRecord>> log = new ArrayList<>();
    private final List<GatewayMessage> inbox = new ArrayList<>();
    private final Map<String, Topic> topics = new HashMap<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Map<StreamId, Map<ShardId, Shard>> everKnown = new HashMap<>();
    private final List<Gateway> gateways = new ArrayList<>();
    private final Map<String, Integer> nextOfKey = new HashMap<>();
    private final Set<String> busyKeys = new HashSet<>();
    private final Set<String> events = new HashSet<>();
    private ShardMap committedMap = ShardMap.empty();
    private Writer writer;
    private int inboxRead;
    private long nowMillis;
    private long leaptMillis;
    private long steps;
    private long ties;
    private int names;

    Simulation(long seed) {
        this.random = new Random(seed);
        this.writer = new Writer();
        writer.takeOver();
    }

    private record Event(long atMillis, long tie, Runnable action) {}

    /** A record in a partition. */
    private record Stored(String key, int number) {}

    /** A topic from when it is made until it is deleted. */
    private static final class Topic {
        private final String id;
        private int partitionCount;
        private final Map<Integer, List<Stored>> partitions = new HashMap<>();

        Topic(String id, int partitionCount) {
            this.id = id;
            this.partitionCount = partitionCount;
        }

        List<Stored> partition(int number) {
            return partitions.computeIfAbsent(number, _ -> new ArrayList<>());
        }
    }

    /** A put whose client heard of success. */
    private record Acknowledged(
            String key, int number, StreamId stream, ShardId shard, int partition, long offset) {}

    // --- the run -------------------------------------------------------------------------------

    /**
     * Runs for some virtual time with faults, then without until all is quiet, then checks
     * everything.
     */
    void run(Duration withFaults, boolean faults) {
        for (int i = 0; i < 3; i++) {
            gateways.add(new Gateway());
        }
        create();
        every(7, this::writerStep);
        every(20, () -> writer.input(new Input.Tick()));
        every(11, this::gatewaysFollow);
        every(2, this::somebodyPuts);
        every(1_500, this::somebodyReshards);
        if (faults) {
            every(4_000, this::somethingFails);
            every(20_000, this::retentionPasses);
            every(45_000, this::somebodyDeletes);
        }
        runUntil(withFaults.toMillis());
        queue.removeIf(
                event -> event.action() instanceof Repeating repeating && repeating.isFault());
        gateways.forEach(Gateway::revive);
        stopResharding = true;
        // If it was deleted last, there is one again.
        after(30_000, this::create);
        runUntil(withFaults.toMillis() + 120_000);
        checkAtTheEnd();
    }

    private boolean stopResharding;

    private void create() {
        ask(new Command.CreateStream(STREAM, StreamId.random(random), 2, StreamSettings.DEFAULT));
    }

    /** How many things happened. */
    long steps() {
        return steps;
    }

    private final class Repeating implements Runnable {
        private final long everyMillis;
        private final Runnable action;

        Repeating(long everyMillis, Runnable action) {
            this.everyMillis = everyMillis;
            this.action = action;
        }

        boolean isFault() {
            return everyMillis >= 4_000;
        }

        @Override
        public void run() {
            action.run();
            after(1 + random.nextLong(2 * everyMillis), this);
        }
    }

    private void every(long millis, Runnable action) {
        after(random.nextLong(millis), new Repeating(millis, action));
    }

    private void after(long millis, Runnable action) {
        queue.add(
                new Event(nowMillis + millis, random.nextInt(1_000) * 1_000_000L + ties++, action));
    }

    private void runUntil(long millis) {
        while (!queue.isEmpty() && queue.peek().atMillis() <= millis) {
            Event event = queue.remove();
            nowMillis = event.atMillis();
            steps++;
            event.action().run();
        }
        nowMillis = millis;
    }

    private Instant now() {
        return EPOCH.plusMillis(nowMillis + leaptMillis);
    }

    // --- the writer ----------------------------------------------------------------------------

    /** A term of the writer. */
    private final class Writer {
        private final ShardMapCoordinator coordinator =
                new ShardMapCoordinator("000000000000", "w" + ++names, committedMap);
        private boolean stalled;
        private boolean fenced;

        void input(Input input) {
            if (!stalled && !fenced) {
                commit(coordinator.on(input, now()));
            }
        }

        void takeOver() {
            commit(coordinator.takeOver("a2V5", now()));
        }

        private void commit(Decision decision) {
            if (!decision.records().isEmpty()) {
                log.add(decision.records());
                StreamId life = committedMap.stream(STREAM).map(s -> s.state().id()).orElse(null);
                decision.records().forEach(record -> remember(record, life));
                committedMap = committedMap.replay(decision.records());
                coordinator.committed(decision);
                checkSpaceIsCovered();
                checkIndex();
            }
            decision.effects()
                    .forEach(effect -> after(1 + random.nextInt(60), () -> carryOut(effect)));
        }

        /** Also a fenced writer's effects reach the brokers; their outcomes reach nobody. */
        private void carryOut(Effect effect) {
            if (random.nextInt(50) == 0) {
                after(200, () -> input(new Input.EffectFailed(effect, "lost")));
                return;
            }
            Input outcome = brokers(effect);
            after(1 + random.nextInt(40), () -> input(outcome));
        }
    }

    private void writerStep() {
        while (inboxRead < inbox.size() && !writer.stalled) {
            writer.input(new Input.FromGateway(inbox.get(inboxRead++)));
        }
    }

    private void replaceWriter() {
        events.add("writer replaced");
        writer.fenced = true;
        writer = new Writer();
        writer.takeOver();
    }

    private Input brokers(Effect effect) {
        return switch (effect) {
            case Effect.CreateTopic create -> {
                Topic there =
                        topics.computeIfAbsent(
                                create.topic(),
                                _ -> new Topic("topic-" + ++names, create.partitions()));
                boolean empty = there.partitions.values().stream().allMatch(List::isEmpty);
                yield empty && there.partitionCount == create.partitions()
                        ? new Input.TopicCreated(create.id(), create.topic(), there.id)
                        : new Input.TopicNameTaken(create.id());
            }
            case Effect.DeleteTopic delete -> {
                Topic there = topics.get(delete.topic());
                if (there != null && delete.topicId().orElse(there.id).equals(there.id)) {
                    topics.remove(delete.topic());
                }
                yield new Input.TopicDeleted(delete.id());
            }
            case Effect.ConfigureTopic _ -> new Input.Tick();
            case Effect.EnsurePartitions ensure -> {
                Topic topic = topics.get(ensure.topic());
                if (topic == null) {
                    yield new Input.EffectFailed(effect, "no such topic");
                }
                topic.partitionCount = Math.max(topic.partitionCount, ensure.atLeast());
                yield new Input.PartitionsReady(ensure.id(), topic.partitionCount);
            }
            case Effect.ReadEndOffsets read -> {
                Topic topic = topics.get(read.topic());
                if (topic == null) {
                    yield new Input.EffectFailed(effect, "no such topic");
                }
                Map<Integer, Long> ends = new HashMap<>();
                for (int partition : read.partitions()) {
                    assertThat(partition).isLessThan(topic.partitionCount);
                    ends.put(partition, (long) topic.partition(partition).size());
                }
                yield new Input.EndOffsetsRead(read.id(), read.round(), ends);
            }
        };
    }

    /** What the log said of each shard last: also of those that it has forgotten since. */
    private void remember(ShardMapRecord record, @Nullable StreamId life) {
        if (life == null) {
            return;
        }
        Map<ShardId, Shard> ofStream = everKnown.computeIfAbsent(life, _ -> new HashMap<>());
        if (record instanceof ShardMapRecord.ShardPut(_, var shard)) {
            ofStream.put(shard.id(), shard);
        }
        boolean deleting =
                committedMap.stream(STREAM).orElseThrow().state().status() == StreamStatus.DELETING;
        if (record instanceof ShardMapRecord.ShardGone(_, var gone) && !deleting) {
            events.add("shard expired");
            assertThat(ofStream.get(gone).phase())
                    .as("%s is forgotten no sooner than its records expire", gone)
                    .isInstanceOfSatisfying(
                            Shard.Closed.class,
                            closed ->
                                    assertThat(closed.closedAt().plus(Duration.ofHours(24)))
                                            .isBefore(now()));
        }
    }

    // --- the gateways --------------------------------------------------------------------------

    private final class Gateway {
        private PutGate gate = newGate();
        private int logRead;
        private long nextHeartbeat;
        private long stalledUntil;
        private boolean dead;
        private boolean cutOff;
        private int life;

        private PutGate newGate() {
            return new PutGate(
                    () -> new GatewayId("g" + ++names),
                    () -> (nowMillis + leaptMillis) * 1_000_000L,
                    message -> send(message));
        }

        boolean runs() {
            return !dead && nowMillis >= stalledUntil;
        }

        void send(GatewayMessage message) {
            after(1 + random.nextInt(30), () -> inbox.add(message));
        }

        void follow() {
            if (!runs()) {
                return;
            }
            ShardMap map = gate.map();
            int upTo = logRead + random.nextInt(log.size() - logRead + 1);
            while (logRead < upTo) {
                map = map.replay(log.get(logRead++));
                gate.mapChanged(map);
            }
            if (nowMillis >= nextHeartbeat && logRead == log.size()) {
                nextHeartbeat = nowMillis + (gate.hasLease() ? Leases.HEARTBEAT.toMillis() : 200);
                gate.heartbeat().ifPresent(this::send);
            }
        }

        void die() {
            dead = true;
            life++;
        }

        void stall(long millis) {
            stalledUntil = nowMillis + millis;
        }

        /**
         * The network holds back what it sends to the brokers, and then it stalls: what it sent
         * arrives long after everybody else has gone on without it.
         */
        void cutOff() {
            cutOff = true;
            after(
                    300,
                    () -> {
                        cutOff = false;
                        stall(16_000 + random.nextInt(30_000));
                    });
        }

        void revive() {
            cutOff = false;
            stalledUntil = 0;
            if (dead) {
                dead = false;
                gate = newGate();
                logRead = 0;
                nextHeartbeat = 0;
            }
        }

        /**
         * The brokers have the record at some time; the answer reaches the gateway later, if it
         * runs.
         */
        void put(String key, int number, long giveUpAt) {
            if (!runs()) {
                retryLater(key, number, giveUpAt);
                return;
            }
            switch (gate.admit(STREAM, HashKey.ofPartitionKey(key))) {
                case Admission.Admitted(var pass) -> {
                    int bornIn = life;
                    after(
                            1 + (cutOff ? 15_000 + random.nextInt(30_000) : randomDelay()),
                            () -> stored(key, number, pass, bornIn, giveUpAt));
                }
                case Admission.NotNow _, Admission.NoStream _, Admission.NotActive _ ->
                        retryLater(key, number, giveUpAt);
            }
        }

        private void stored(
                String key, int number, Admission.Pass pass, int bornIn, long giveUpAt) {
            // By name, as Kafka takes it: late ones may meet a topic that was made since.
            Topic topic = topics.get(pass.stream().state().topic());
            if (topic == null || pass.shard().partition() >= topic.partitionCount) {
                gate.done(pass);
                retryLater(key, number, giveUpAt);
                return;
            }
            List<Stored> partition = topic.partition(pass.shard().partition());
            long offset = partition.size();
            partition.add(new Stored(key, number));
            after(
                    1 + random.nextInt(20),
                    () -> answered(key, number, pass, offset, bornIn, giveUpAt));
        }

        private void answered(
                String key,
                int number,
                Admission.Pass pass,
                long offset,
                int bornIn,
                long giveUpAt) {
            if (bornIn != life) {
                retryLater(key, number, giveUpAt);
                return;
            }
            if (!runs()) {
                after(50, () -> answered(key, number, pass, offset, bornIn, giveUpAt));
                return;
            }
            if (gate.mayAcknowledge(pass)) {
                acknowledged.add(
                        new Acknowledged(
                                key,
                                number,
                                pass.stream().state().id(),
                                pass.shard().id(),
                                pass.shard().partition(),
                                offset));
                busyKeys.remove(key);
            } else {
                events.add("acknowledgement withheld");
                retryLater(key, number, giveUpAt);
            }
            gate.done(pass);
        }
    }

    private long randomDelay() {
        return !stopResharding && random.nextInt(3_000) == 0
                ? random.nextInt(40_000)
                : random.nextInt(15);
    }

    private void retryLater(String key, int number, long giveUpAt) {
        if (nowMillis > giveUpAt) {
            busyKeys.remove(key);
            return;
        }
        after(5 + random.nextInt(100), () -> anyGateway().put(key, number, giveUpAt));
    }

    private Gateway anyGateway() {
        return gateways.get(random.nextInt(gateways.size()));
    }

    private void gatewaysFollow() {
        gateways.forEach(Gateway::follow);
    }

    // --- what happens --------------------------------------------------------------------------

    /** A client puts the next record of a key, once the last one of that key is over. */
    private void somebodyPuts() {
        String key = "key-" + random.nextInt(KEYS);
        if (committedMap.stream(STREAM).isPresent() && busyKeys.add(key)) {
            anyGateway().put(key, nextOfKey.merge(key, 1, Integer::sum), nowMillis + 60_000);
        }
    }

    private void ask(Command command) {
        inbox.add(new GatewayMessage.Ask(new GatewayId("client"), "c" + ++names, command));
    }

    private void somebodyReshards() {
        Optional<StreamView> stream = committedMap.stream(STREAM);
        if (stream.isEmpty() || stopResharding) {
            return;
        }
        List<Shard> open = stream.get().openShards();
        if (open.isEmpty()) {
            return;
        }
        Shard any = open.get(random.nextInt(open.size()));
        switch (random.nextInt(6)) {
            case 4 ->
                    ask(
                            new Command.ChangeSetting(
                                    STREAM,
                                    new SettingChange.Mode(
                                            random.nextBoolean()
                                                    ? StreamMode.ON_DEMAND
                                                    : StreamMode.PROVISIONED)));
            case 5 -> report(stream.get(), any);
            case 0 -> ask(applyShardCount(1 + random.nextInt(9)));
            case 1 -> ask(new Command.UpdateShardCount(STREAM, 1 + random.nextInt(9)));
            case 2 -> {
                HashKeyRange range = any.range();
                HashKey middle =
                        HashKey.of(
                                range.start()
                                        .toBigInteger()
                                        .add(range.end().toBigInteger())
                                        .shiftRight(1));
                ask(
                        new Command.SplitShard(
                                STREAM,
                                any.id(),
                                middle.equals(HashKey.MAX) ? middle : middle.next()));
            }
            default -> {
                Shard other = open.get(random.nextInt(open.size()));
                ask(new Command.MergeShards(STREAM, any.id(), other.id()));
            }
        }
    }

    /** A gateway says that a shard took a lot: an on-demand stream splits it where it was used. */
    private void report(StreamView stream, Shard hot) {
        HashKeyRange range = hot.range();
        BigInteger width = range.end().toBigInteger().subtract(range.start().toBigInteger());
        List<HashKey> keys = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            keys.add(
                    HashKey.of(
                            range.start()
                                    .toBigInteger()
                                    .add(
                                            new BigInteger(128, random)
                                                    .mod(width.add(BigInteger.ONE)))));
        }
        inbox.add(
                new GatewayMessage.Load(
                        new GatewayId("client"),
                        stream.state().id(),
                        List.of(new ShardLoad(hot.id(), 100_000_000, 1_000, keys))));
    }

    private Command applyShardCount(int count) {
        return new Command.ApplyStream(
                STREAM,
                StreamId.random(random),
                "owner",
                Optional.of(count),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Nobody is heard for longer than records are kept; then all go on. */
    private void retentionPasses() {
        if (random.nextInt(3) == 0) {
            leaptMillis += Duration.ofHours(25).toMillis();
        }
    }

    private void somebodyDeletes() {
        if (random.nextInt(4) == 0 && committedMap.stream(STREAM).isPresent()) {
            events.add("stream deleted");
            ask(new Command.DeleteStream(STREAM, true));
            after(random.nextInt(3_000), this::create);
            after(4_000, this::create);
        }
    }

    private void somethingFails() {
        Gateway victim = anyGateway();
        switch (random.nextInt(5)) {
            case 0 -> {
                victim.die();
                after(500 + random.nextInt(10_000), victim::revive);
            }
            case 1 -> victim.stall(500 + random.nextInt(40_000));
            case 2 -> {
                writer.stalled = true;
                after(200 + random.nextInt(4_000), this::replaceWriter);
            }
            case 3 -> victim.cutOff();
            default -> {
                // A quiet moment.
            }
        }
    }

    // --- what must hold ------------------------------------------------------------------------

    private void checkIndex() {
        assertThat(committedMap.resharding())
                .isEqualTo(
                        committedMap.streams().stream()
                                .filter(stream -> stream.state().reshard().isPresent())
                                .toList());
        assertThat(committedMap.onDemand())
                .isEqualTo(
                        committedMap.streams().stream()
                                .filter(stream ->
                                        stream.state().settings().mode() == StreamMode.ON_DEMAND)
                                .toList());
        for (StreamView stream : committedMap.streams()) {
            assertThat(committedMap.stream(stream.state().id())).contains(stream);
        }
    }

    private void checkSpaceIsCovered() {
        committedMap.stream(STREAM)
                .filter(stream -> !stream.openShards().isEmpty())
                .ifPresent(stream -> {
                    HashKey expected = HashKey.MIN;
                    for (Shard shard : stream.openShards()) {
                        assertThat(shard.range().start())
                                .as("no gap, no overlap")
                                .isEqualTo(expected);
                        expected =
                                shard.range().end().equals(HashKey.MAX)
                                        ? HashKey.MIN
                                        : shard.range().end().next();
                    }
                    assertThat(stream.openShards().getLast().range().end()).isEqualTo(HashKey.MAX);
                });
    }

    private void checkAtTheEnd() {
        StreamView stream = committedMap.stream(STREAM).orElseThrow();
        assertThat(topics).containsKey(stream.state().topic());
        StreamId life = stream.state().id();
        Map<ShardId, Shard> shards = everKnown.get(life);
        // An on-demand stream may have begun to merge what is cold just now.
        boolean begun =
                stream.state()
                        .reshard()
                        .filter(reshard -> reshard.startedAt().plusSeconds(20).isAfter(now()))
                        .isPresent();
        assertThat(stream.state().status() == StreamStatus.ACTIVE || begun)
                .as("no reshard is stuck at %s: %s", now(), stream.state())
                .isTrue();
        assertThat(acknowledged).as("puts go on").hasSizeGreaterThan(1_000);
        assertThat(busyKeys.size()).as("nobody waits for ever").isLessThan(KEYS);
        for (Acknowledged put : acknowledged) {
            if (!put.stream().equals(life)) {
                continue;
            }
            Shard shard = shards.get(put.shard());
            assertThat(shard.range().contains(HashKey.ofPartitionKey(put.key()))).isTrue();
            assertThat(put.offset())
                    .as("inside the shard's offsets: %s in %s", put, shard)
                    .isGreaterThanOrEqualTo(shard.firstOffset());
            if (shard.phase() instanceof Shard.Closed(long end, _)) {
                assertThat(put.offset()).as("%s in %s", put, shard).isLessThan(end);
            }
        }
        checkOrderOfKeys(life, shards);
    }

    /**
     * Whoever reads each shard after its parents sees the acknowledged records of each key in
     * order.
     */
    private void checkOrderOfKeys(StreamId life, Map<ShardId, Shard> shards) {
        Map<String, Acknowledged> last = new HashMap<>();
        for (Acknowledged put : acknowledged) {
            if (!put.stream().equals(life)) {
                continue;
            }
            Acknowledged before = last.put(put.key(), put);
            if (before == null) {
                continue;
            }
            assertThat(put.number()).isGreaterThan(before.number());
            assertThat(put.shard()).isGreaterThanOrEqualTo(before.shard());
            if (put.shard().equals(before.shard())) {
                assertThat(put.offset()).isGreaterThan(before.offset());
            } else {
                assertThat(shards.get(before.shard()).isOpen()).isFalse();
            }
        }
    }

    /** What the run came through, for the test of the simulation itself. */
    Set<String> events() {
        StreamView last = committedMap.stream(STREAM).orElseThrow();
        Topic topic = topics.get(last.state().topic());
        if (last.closedShardCount() > 5) {
            events.add("many reshards");
        }
        Set<Integer> used = new HashSet<>();
        boolean reused =
                everKnown.get(last.state().id()).values().stream()
                        .anyMatch(shard -> !used.add(shard.partition()));
        if (reused) {
            events.add("partition used again");
        }
        long strays =
                last.shards().stream()
                        .filter(shard ->
                                shard.phase() instanceof Shard.Closed(long end, _)
                                        && topic.partition(shard.partition()).size() > end)
                        .count();
        if (strays > 0) {
            events.add("a late record behind a closed shard's end");
        }
        for (List<ShardMapRecord> records : log) {
            for (ShardMapRecord record : records) {
                if (record instanceof ShardMapRecord.GatewayGone) {
                    events.add("gateway expelled");
                }
                if (record instanceof ShardMapRecord.Reply(_, _, CommandResult.Refused _)) {
                    events.add("command refused");
                }
            }
        }
        return Set.copyOf(events);
    }
}
