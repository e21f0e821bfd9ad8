/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.gate.PutGate;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.ShardMap;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/**
 * The shard map of a pool as one gateway has it: follows the log, stands for the writer's office,
 * and asks the writer, whoever it is, to decide commands.
 */
public final class KafkaShardMap implements ShardMapClient, AutoCloseable {

    /** Where gateways lend each other parts of limits; made with the shard map's own topics. */
    public static final TopicPartition SHARES = new TopicPartition("millrace.shares", 0);

    private static final Duration TOPICS_WITHIN = Duration.ofMinutes(5);
    private static final Duration REPLY_WITHIN = Duration.ofSeconds(30);

    private final Settings settings;
    private final KafkaClients clients;
    private final Admin admin;
    private final Inbox inbox;
    private final GateChanges changes = new GateChanges();
    private final PutGate gate;
    private final ShardMapFollower follower;
    private final ShardMapWriter writer;
    private final HangingTransactions hanging;

    /**
     * @param bootstrapServers brokers of the pool
     * @param replication how many replicas each topic gets
     * @param account the account that messages name
     * @param gatewayName what this process is called in the log; an id is added for each membership
     */
    public record Settings(
            String bootstrapServers, int replication, String account, String gatewayName) {}

    public KafkaShardMap(Settings settings, InstantSource clock, RandomGenerator random) {
        this.settings = settings;
        this.clients = new KafkaClients(settings.bootstrapServers());
        this.admin = clients.admin();
        this.inbox = new Inbox(clients.inboxProducer());
        this.gate =
                new PutGate(
                        () ->
                                new GatewayId(
                                        settings.gatewayName()
                                                + "."
                                                + Long.toString(random.nextLong() >>> 1, 36)),
                        System::nanoTime,
                        inbox::send);
        this.follower = new ShardMapFollower(clients::openLog, gate, inbox::send, changes);
        this.writer =
                new ShardMapWriter(
                        clients,
                        settings.account(),
                        new BrokerWork(admin, settings.replication()),
                        clock,
                        random);
        this.hanging = new HangingTransactions(admin);
    }

    /**
     * Makes the shard map's topics where they are missing, and returns once the map is read and
     * this gateway may take puts, or after the time given.
     */
    public void start(Duration leaseWithin) throws InterruptedException {
        ShardMapTopics.ensure(admin, settings.replication(), TOPICS_WITHIN);
        hanging.start();
        follower.start();
        follower.caughtUp().join();
        writer.start();
        long deadline = System.nanoTime() + leaseWithin.toNanos();
        long seen = changes.version();
        while (!isReady() && changes.awaitLaterThan(seen, deadline)) {
            seen = changes.version();
        }
    }

    /** Whether this gateway follows the map and may take puts. */
    public boolean isReady() {
        return follower.isAlive() && gate.hasLease() && gate.map().iteratorKey().isPresent();
    }

    /** Whether this gateway is the map's writer. */
    public boolean isWriter() {
        return writer.isWriting();
    }

    public PutGate gate() {
        return gate;
    }

    public GateChanges changes() {
        return changes;
    }

    @Override
    public ShardMap current() {
        return gate.map();
    }

    @Override
    public Optional<GatewayId> membership() {
        return gate.membership();
    }

    @Override
    public CompletableFuture<CommandResult> submit(Command command) {
        String id = UUID.randomUUID().toString();
        CompletableFuture<CommandResult> reply = follower.replyTo(id);
        inbox.send(new GatewayMessage.Ask(gate.gateway(), id, command));
        return reply.orTimeout(REPLY_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((_, _) -> follower.forget(id));
    }

    @Override
    public void report(StreamId stream, List<ShardLoad> loads) {
        inbox.send(new GatewayMessage.Load(gate.gateway(), stream, loads));
    }

    @Override
    public byte[] iteratorKey() {
        return Base64.getDecoder()
                .decode(
                        gate.map()
                                .iteratorKey()
                                .orElseThrow(() ->
                                        new IllegalStateException(
                                                "The shard map has not been read yet")));
    }

    /**
     * Leaves. Call it when no put is in flight any more. The writer's office goes first, so that
     * somebody else holds it when the membership ends; the last to go is the way to the brokers.
     */
    @Override
    public void close() throws InterruptedException {
        inbox.send(gate.leave());
        hanging.close();
        writer.close();
        follower.close();
        inbox.close();
        admin.close(Duration.ofSeconds(5));
    }
}
