/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is refused, in Amazon's words, and that nothing changes then. */
class ShardMapCoordinatorTest {

    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    private static final StreamName ORDERS = new StreamName("orders");
    private static final StreamId ID = StreamId.random(new Random(1));

    private final ShardMapCoordinator coordinator =
            new ShardMapCoordinator("000000000000", "t", ShardMap.empty());

    @Test
    void aStreamIsMadeOnce() {
        assertThat(ask(create(2))).isEqualTo(CommandResult.done());
        assertRefused(
                ask(create(2)),
                CommandResult.Reason.RESOURCE_IN_USE,
                "Stream orders under account 000000000000 already exists.");
        assertRefused(
                ask(new Command.UpdateShardCount(ORDERS, 4)),
                CommandResult.Reason.RESOURCE_IN_USE,
                "Stream orders under account 000000000000 not ACTIVE, instead in state CREATING");
        made();
        assertThat(stream().state().status()).isEqualTo(StreamStatus.ACTIVE);
        assertThat(stream().openShards()).hasSize(2);
    }

    @Test
    void unknownStreamsAndShardsAreNamed() {
        assertRefused(
                ask(new Command.DeleteStream(ORDERS, false)),
                CommandResult.Reason.RESOURCE_NOT_FOUND,
                "Stream orders under account 000000000000 not found.");
        ask(create(2));
        made();
        assertRefused(
                ask(new Command.SplitShard(ORDERS, new ShardId(9), HashKey.MAX)),
                CommandResult.Reason.RESOURCE_NOT_FOUND,
                "Could not find shard shardId-000000000009 in stream orders under account 000000000000.");
    }

    @Test
    void shardsThatAreNotAdjacentAreNotMerged() {
        ask(create(3));
        made();
        assertRefused(
                ask(new Command.MergeShards(ORDERS, new ShardId(0), new ShardId(2))),
                CommandResult.Reason.INVALID_ARGUMENT,
                "Shards shardId-000000000000 and shardId-000000000002 in stream orders under account 000000000000 are not an adjacent pair of shards eligible for merging");
        assertThat(stream().state().status()).isEqualTo(StreamStatus.ACTIVE);
    }

    @Test
    void retentionGoesOnlyTheWayThatTheOperationSays() {
        ask(create(1));
        made();
        assertThat(ask(retention(Command.ChangeRetention.Direction.INCREASE, 48)))
                .isEqualTo(CommandResult.done());
        for (Command wrong :
                new Command[] {
                    retention(Command.ChangeRetention.Direction.INCREASE, 24),
                    retention(Command.ChangeRetention.Direction.DECREASE, 12),
                    retention(Command.ChangeRetention.Direction.INCREASE, 8_761)
                }) {
            assertThat(ask(wrong)).isInstanceOf(CommandResult.Refused.class);
        }
        assertThat(stream().state().settings().retentionHours()).isEqualTo(48);
    }

    @Test
    void kinesisLimitsBoundAReshardWhereTheyAreChosen() {
        StreamSettings limited = StreamSettings.DEFAULT.withLimits(LimitsProfile.KINESIS);
        ask(new Command.CreateStream(ORDERS, ID, 4, limited));
        made();
        assertThat(ask(new Command.UpdateShardCount(ORDERS, 9)))
                .isInstanceOf(CommandResult.Refused.class);
        assertThat(ask(new Command.UpdateShardCount(ORDERS, 1)))
                .isInstanceOf(CommandResult.Refused.class);
        assertThat(ask(new Command.UpdateShardCount(ORDERS, 8))).isEqualTo(CommandResult.done());
    }

    @Test
    void consumersAreRegisteredOnceAndKeepTheirStream() {
        ConsumerName billing = new ConsumerName("billing");
        ask(create(1));
        assertRefused(
                ask(new Command.RegisterConsumer(ORDERS, billing, Map.of())),
                CommandResult.Reason.RESOURCE_IN_USE,
                "Stream orders under account 000000000000 not ACTIVE, instead in state CREATING");
        made();
        assertThat(ask(new Command.RegisterConsumer(ORDERS, billing, Map.of("team", "red"))))
                .isEqualTo(CommandResult.done());
        assertRefused(
                ask(new Command.RegisterConsumer(ORDERS, billing, Map.of())),
                CommandResult.Reason.RESOURCE_IN_USE,
                "Consumer billing under stream orders under account 000000000000 already exists.");
        assertRefused(
                ask(new Command.DeleteStream(ORDERS, false)),
                CommandResult.Reason.RESOURCE_IN_USE,
                "Stream orders under account 000000000000 has 1 registered consumers. Deregister them, or set EnforceConsumerDeletion.");
        ask(new Command.ChangeConsumerTags(ORDERS, billing, Map.of("cost", "1"), Set.of("team")));
        ask(new Command.ChangeConsumerPolicy(ORDERS, billing, Optional.of("{}")));
        assertThat(stream().state().consumer(billing))
                .contains(new StreamConsumer(billing, NOW, Map.of("cost", "1"), Optional.of("{}")));

        ask(new Command.DeregisterConsumer(ORDERS, billing));
        assertThat(stream().state().consumers()).isEmpty();
        assertRefused(
                ask(new Command.DeregisterConsumer(ORDERS, billing)),
                CommandResult.Reason.RESOURCE_NOT_FOUND,
                "Consumer billing under stream orders under account 000000000000 not found.");
        assertThat(ask(new Command.DeleteStream(ORDERS, false))).isEqualTo(CommandResult.done());
    }

    @Test
    void aStreamHasABoundedNumberOfConsumers() {
        ask(create(1));
        made();
        for (int i = 0; i < StreamConsumer.PER_STREAM_MAX; i++) {
            ConsumerName name = new ConsumerName("c" + i);
            assertThat(ask(new Command.RegisterConsumer(ORDERS, name, Map.of())))
                    .isEqualTo(CommandResult.done());
        }
        assertRefused(
                ask(new Command.RegisterConsumer(ORDERS, new ConsumerName("more"), Map.of())),
                CommandResult.Reason.LIMIT_EXCEEDED,
                "Stream orders under account 000000000000 has 50 registered consumers and queues, which is as many as it can have.");
        assertThat(ask(new Command.DeleteStream(ORDERS, true))).isEqualTo(CommandResult.done());
    }

    @Test
    void removalIsForTheOwnerOnlyAndLeavesATrace() {
        ask(create(1));
        made();
        assertThat(ask(new Command.RemoveStream(ORDERS, "somebody")))
                .isEqualTo(CommandResult.done());
        assertThat(stream().state().status()).isEqualTo(StreamStatus.ACTIVE);
        ask(adopt("somebody"));
        ask(new Command.RemoveStream(ORDERS, "somebody"));
        decide(new Input.TopicDeleted(ID));
        assertThat(coordinator.map().stream(ORDERS)).isEmpty();
        assertThat(coordinator.map().deletedStreams())
                .singleElement()
                .satisfies(deleted -> assertThat(deleted.ownerUid()).contains("somebody"));
    }

    @Test
    void twoWhoChangeADeliveryStreamAtOnceDoNotOverwriteOneAnother() {
        ask(create(1));
        made();
        assertThat(ask(delivery(Optional.empty(), "one"))).isEqualTo(CommandResult.done());
        assertThat(ask(delivery(Optional.of("one"), "two"))).isEqualTo(CommandResult.done());
        assertRefused(
                ask(delivery(Optional.of("one"), "three")),
                CommandResult.Reason.RESOURCE_IN_USE,
                "The delivery stream was changed by somebody else meanwhile.");
    }

    private static Command delivery(Optional<String> expected, String definition) {
        return new Command.ChangeSetting(ORDERS, new SettingChange.Delivery(expected, definition));
    }

    @Test
    void aNameThatKafkaReservesGetsAnotherTopic() {
        StreamName name = new StreamName("__consumer_offsets");
        ask(new Command.CreateStream(name, ID, 1, StreamSettings.DEFAULT));
        assertThat(coordinator.map().stream(name).orElseThrow().state().topic())
                .isEqualTo("stream-" + ID);
    }

    private static Command create(int shards) {
        return new Command.CreateStream(ORDERS, ID, shards, StreamSettings.DEFAULT);
    }

    private static Command retention(Command.ChangeRetention.Direction direction, int hours) {
        return new Command.ChangeRetention(ORDERS, direction, hours);
    }

    private static Command adopt(String owner) {
        return new Command.ApplyStream(
                ORDERS,
                ID,
                owner,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private void made() {
        decide(new Input.TopicCreated(ID, "orders", "topic-id"));
    }

    private StreamView stream() {
        return coordinator.map().stream(ORDERS).orElseThrow();
    }

    private static void assertRefused(
            CommandResult result, CommandResult.Reason reason, String message) {
        assertThat(result).isEqualTo(CommandResult.refused(reason, message));
    }

    private CommandResult ask(Command command) {
        GatewayMessage message = new GatewayMessage.Ask(new GatewayId("g"), "c", command);
        return decide(new Input.FromGateway(message)).records().stream()
                .filter(ShardMapRecord.Reply.class::isInstance)
                .map(record -> ((ShardMapRecord.Reply) record).result())
                .findFirst()
                .orElseThrow();
    }

    private Decision decide(Input input) {
        Decision decision = coordinator.on(input, NOW);
        coordinator.committed(decision);
        return decision;
    }
}
