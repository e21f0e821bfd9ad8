/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.log.ShardMapCodec;
import dev.millrace.shard.log.ShardMapLog;
import dev.millrace.shard.map.Decision;
import dev.millrace.shard.map.Effect;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.Input;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapCoordinator;
import dev.millrace.shard.map.ShardMapRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for the office of the shard map's writer, and holds it while it is the one.
 *
 * <p>The writer is the member of a consumer group that was given the inbox. A term begins by
 * starting the one transactional producer, which fences the writer before, and by reading the log
 * to its end; only then are inputs taken. What a batch of inputs leads to, and the place in the
 * inbox, go out in one Kafka transaction; effects follow when it is committed. If it cannot be
 * committed the term is over, and what this process thought is forgotten. So each message is
 * decided exactly once, by one writer at a time.
 *
 * <p>Durability: a transaction is acknowledged by all in-sync replicas of the log.
 */
final class ShardMapWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ShardMapWriter.class);

    private static final String OFFICE = "millrace.shard-map-writer";
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final int EFFECTS_AT_ONCE_MAX = 32;
    private static final int ITERATOR_KEY_BYTES = 32;

    private final KafkaClients clients;
    private final String account;
    private final BrokerWork brokers;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Thread thread;
    private final Semaphore effectsAtOnce = new Semaphore(EFFECTS_AT_ONCE_MAX);
    private volatile boolean stopping;
    private volatile boolean writing;

    ShardMapWriter(
            KafkaClients clients,
            String account,
            BrokerWork brokers,
            InstantSource clock,
            RandomGenerator random) {
        this.clients = clients;
        this.account = account;
        this.brokers = brokers;
        this.clock = clock;
        this.random = random;
        this.thread = Thread.ofPlatform().name("shard-map-writer").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Whether this process is the writer now, as far as it knows. */
    boolean isWriting() {
        return writing;
    }

    /** Hands the office over: leaves the group, so that another gateway takes it at once. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join(Duration.ofSeconds(10));
    }

    private void run() {
        while (!stopping) {
            try (KafkaConsumer<byte[], byte[]> inbox = clients.officeConsumer(OFFICE)) {
                inbox.subscribe(List.of(ShardMapTopics.INBOX.topic()));
                while (!stopping) {
                    serveWhileAssigned(inbox);
                }
            } catch (InterruptException _) {
                return;
            } catch (RuntimeException e) {
                // Whatever it is, somebody has to stand for the office again, if only this process.
                log.warn("The writer's term is over", e);
                pause();
            }
        }
    }

    private void serveWhileAssigned(KafkaConsumer<byte[], byte[]> inbox) {
        ConsumerRecords<byte[], byte[]> first = inbox.poll(POLL);
        if (!inbox.assignment().contains(ShardMapTopics.INBOX)) {
            return;
        }
        try (KafkaProducer<byte[], byte[]> producer = clients.officeProducer(OFFICE);
                Term term = new Term(inbox, producer)) {
            term.begin();
            writing = true;
            term.take(first);
            while (!stopping && inbox.assignment().contains(ShardMapTopics.INBOX)) {
                term.step();
            }
        } finally {
            writing = false;
        }
    }

    /**
     * How far the inbox was read. The first call asks the brokers, and then the wake-up that an
     * outcome sends may meet it instead of a poll; it must not end the term, or an effect that is
     * taken up at the start of each term and is done at once would end every one.
     */
    static long position(Consumer<byte[], byte[]> inbox) {
        while (true) {
            try {
                return inbox.position(ShardMapTopics.INBOX);
            } catch (WakeupException _) {
                // Outcomes are taken after this anyway.
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    /** One time in office. All but the effects runs on the writer's thread. */
    private final class Term implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> inbox;
        private final KafkaProducer<byte[], byte[]> producer;
        private final BlockingQueue<Input> outcomes = new LinkedBlockingQueue<>();
        private final ExecutorService effects = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Decision> uncommitted = new ArrayList<>();
        private Optional<ShardMapCoordinator> coordinator = Optional.empty();
        private long nextTickNanos = System.nanoTime();
        private volatile boolean over;

        Term(KafkaConsumer<byte[], byte[]> inbox, KafkaProducer<byte[], byte[]> producer) {
            this.inbox = inbox;
            this.producer = producer;
        }

        void begin() {
            producer.initTransactions();
            ShardMap map = readLog();
            String term = Long.toString(random.nextLong() >>> 1, 36);
            ShardMapCoordinator mind = new ShardMapCoordinator(account, term, map);
            coordinator = Optional.of(mind);
            log.info(
                    "This gateway writes the shard map now: term {}, {} streams",
                    term,
                    map.streamCount());
            byte[] key = new byte[ITERATOR_KEY_BYTES];
            random.nextBytes(key);
            decided(mind.takeOver(Base64.getEncoder().encodeToString(key), clock.instant()));
            commit(Optional.empty());
        }

        private ShardMap readLog() {
            try (ShardMapLog reader = clients.openLog()) {
                return reader.replay(() -> false);
            }
        }

        void step() {
            ConsumerRecords<byte[], byte[]> messages;
            try {
                messages = inbox.poll(POLL);
            } catch (WakeupException _) {
                messages = ConsumerRecords.empty();
            }
            take(messages);
        }

        void take(ConsumerRecords<byte[], byte[]> messages) {
            for (ConsumerRecord<byte[], byte[]> message : messages) {
                ShardMapCodec.decodeMessage(message.value()).ifPresent(this::inputFromGateway);
            }
            for (Input outcome = outcomes.poll(); outcome != null; outcome = outcomes.poll()) {
                input(outcome);
            }
            if (System.nanoTime() - nextTickNanos >= 0) {
                nextTickNanos = System.nanoTime() + TICK.toNanos();
                input(new Input.Tick());
            }
            if (!uncommitted.isEmpty()) {
                commit(Optional.of(position(inbox)));
            }
        }

        /**
         * A message that cannot be decided is passed over: it must not stop those behind it for
         * ever.
         */
        private void inputFromGateway(GatewayMessage message) {
            try {
                input(new Input.FromGateway(message));
            } catch (RuntimeException e) {
                log.error("{} cannot be decided and is passed over", message, e);
            }
        }

        private void input(Input input) {
            decided(coordinator.orElseThrow().on(input, clock.instant()));
        }

        /**
         * Later inputs of the batch are decided on top of it before it is committed: nobody outside
         * of this thread knows of it until then, and if the commit fails the whole term is dropped.
         */
        private void decided(Decision decision) {
            if (!decision.isEmpty()) {
                coordinator.orElseThrow().committed(decision);
                uncommitted.add(decision);
            }
        }

        private void commit(Optional<Long> inboxPosition) {
            boolean writes =
                    uncommitted.stream().anyMatch(decision -> !decision.records().isEmpty());
            if (writes) {
                producer.beginTransaction();
                uncommitted.forEach(this::send);
                inboxPosition.ifPresent(position ->
                        producer.sendOffsetsToTransaction(
                                Map.of(ShardMapTopics.INBOX, new OffsetAndMetadata(position)),
                                inbox.groupMetadata()));
                producer.commitTransaction();
            }
            List<Decision> committed = List.copyOf(uncommitted);
            uncommitted.clear();
            committed.forEach(decision -> decision.effects().forEach(this::carryOut));
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if one of them does
        private void send(Decision decision) {
            List<ShardMapRecord> records = decision.records();
            for (int i = 0; i < records.size(); i++) {
                producer.send(ShardMapCodec.encode(records.get(i), i < records.size() - 1));
            }
        }

        private void carryOut(Effect effect) {
            effects.execute(() -> {
                Input outcome = perform(effect);
                if (!over) {
                    outcomes.add(outcome);
                    inbox.wakeup();
                }
            });
        }

        private Input perform(Effect effect) {
            try {
                effectsAtOnce.acquire();
                try {
                    return brokers.perform(effect);
                } finally {
                    effectsAtOnce.release();
                }
            } catch (InterruptedException _) {
                return new Input.EffectFailed(effect, "stopped");
            } catch (Exception e) {
                log.warn("{} failed and is tried again: {}", effect, e.toString());
                pause();
                return new Input.EffectFailed(effect, String.valueOf(e.getMessage()));
            }
        }

        /** Ends the term: outcomes of effects still on their way reach nobody. */
        @Override
        public void close() {
            over = true;
            effects.shutdownNow();
            log.info("This gateway does not write the shard map any more");
        }
    }
}
