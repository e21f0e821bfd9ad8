/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.map.Effect;
import dev.millrace.shard.map.Input;
import dev.millrace.shard.map.StreamSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Carries out the coordinator's effects on the brokers, each on the caller's thread, each
 * idempotent.
 */
final class BrokerWork {

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LEADERS_WITHIN = Duration.ofSeconds(8);

    /**
     * What a record takes beside its data: headers, key length, batch overhead, an encryption
     * envelope.
     */
    private static final int RECORD_OVERHEAD_BYTES = 64 * 1024;

    private final Admin admin;
    private final int replication;

    BrokerWork(Admin admin, int replication) {
        this.admin = admin;
        this.replication = replication;
    }

    /**
     * @throws ExecutionException if the brokers refuse
     * @throws TimeoutException if they do not answer
     */
    Input perform(Effect effect) throws ExecutionException, TimeoutException, InterruptedException {
        return switch (effect) {
            case Effect.CreateTopic create -> create(create);
            case Effect.DeleteTopic delete -> delete(delete);
            case Effect.ConfigureTopic configure -> configure(configure);
            case Effect.EnsurePartitions ensure -> ensurePartitions(ensure);
            case Effect.ReadEndOffsets read -> readEndOffsets(read);
        };
    }

    private Input create(Effect.CreateTopic create)
            throws ExecutionException, TimeoutException, InterruptedException {
        NewTopic topic =
                new NewTopic(create.topic(), create.partitions(), (short) replication)
                        .configs(configs(create.settings()));
        try {
            var created = admin.createTopics(List.of(topic));
            String topicId = await(created.topicId(create.topic())).toString();
            awaitLeaders(create.topic(), create.partitions());
            return new Input.TopicCreated(create.id(), create.topic(), topicId);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return adopt(create);
            }
            if (e.getCause() instanceof InvalidTopicException) {
                return new Input.TopicNameTaken(create.id());
            }
            throw e;
        }
    }

    /**
     * A topic that is there already is this stream's from an earlier attempt, if it is empty and
     * alike.
     */
    private Input adopt(Effect.CreateTopic create)
            throws ExecutionException, TimeoutException, InterruptedException {
        TopicDescription topic = describe(create.topic());
        if (topic.partitions().size() != create.partitions() || !isEmpty(topic)) {
            return new Input.TopicNameTaken(create.id());
        }
        await(admin.incrementalAlterConfigs(changes(create.topic(), create.settings())).all());
        awaitLeaders(create.topic(), create.partitions());
        return new Input.TopicCreated(create.id(), create.topic(), topic.topicId().toString());
    }

    private Input delete(Effect.DeleteTopic delete)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            Optional<String> id = delete.topicId();
            if (id.isEmpty()) {
                // Never known to be made: what has that name may be somebody else's, unless it is
                // empty.
                TopicDescription topic = describe(delete.topic());
                id = isEmpty(topic) ? Optional.of(topic.topicId().toString()) : Optional.empty();
            }
            if (id.isPresent()) {
                Collection<Uuid> ids = List.of(Uuid.fromString(id.get()));
                await(admin.deleteTopics(TopicCollection.ofTopicIds(ids)).all());
            }
        } catch (ExecutionException e) {
            boolean gone =
                    e.getCause() instanceof UnknownTopicIdException
                            || e.getCause() instanceof UnknownTopicOrPartitionException;
            if (!gone) {
                throw e;
            }
        }
        return new Input.TopicDeleted(delete.id());
    }

    private Input configure(Effect.ConfigureTopic configure)
            throws ExecutionException, TimeoutException, InterruptedException {
        await(
                admin.incrementalAlterConfigs(changes(configure.topic(), configure.settings()))
                        .all());
        return new Input.Tick();
    }

    private Input ensurePartitions(Effect.EnsurePartitions ensure)
            throws ExecutionException, TimeoutException, InterruptedException {
        int count = describe(ensure.topic()).partitions().size();
        if (count < ensure.atLeast()) {
            try {
                await(
                        admin.createPartitions(
                                        Map.of(
                                                ensure.topic(),
                                                NewPartitions.increaseTo(ensure.atLeast())))
                                .all());
            } catch (ExecutionException e) {
                // A description can lag behind: then there are more already.
                if (!(e.getCause() instanceof InvalidPartitionsException)) {
                    throw e;
                }
            }
            count = awaitLeaders(ensure.topic(), ensure.atLeast());
        }
        return new Input.PartitionsReady(ensure.id(), count);
    }

    private Input readEndOffsets(Effect.ReadEndOffsets read)
            throws ExecutionException, TimeoutException, InterruptedException {
        return new Input.EndOffsetsRead(
                read.id(), read.round(), ends(read.topic(), read.partitions()));
    }

    private Map<Integer, Long> ends(String topic, Collection<Integer> partitions)
            throws ExecutionException, TimeoutException, InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted =
                partitions.stream()
                        .collect(
                                Collectors.toMap(
                                        p -> new TopicPartition(topic, p),
                                        _ -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> read = await(admin.listOffsets(wanted).all());
        Map<Integer, Long> ends = new HashMap<>();
        read.forEach((partition, info) -> ends.put(partition.partition(), info.offset()));
        return ends;
    }

    private boolean isEmpty(TopicDescription topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        List<Integer> partitions = IntStream.range(0, topic.partitions().size()).boxed().toList();
        return ends(topic.name(), partitions).values().stream().allMatch(end -> end == 0);
    }

    private TopicDescription describe(String topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        return await(admin.describeTopics(List.of(topic)).allTopicNames())
                .values()
                .iterator()
                .next();
    }

    /** Waits until so many partitions have leaders, so that the first put to each need not wait. */
    private int awaitLeaders(String topic, int atLeast)
            throws ExecutionException, TimeoutException, InterruptedException {
        long deadline = System.nanoTime() + LEADERS_WITHIN.toNanos();
        while (true) {
            List<TopicPartitionInfo> partitions = partitionsOf(topic);
            long led =
                    partitions.stream()
                            .filter(p -> p.leader() != null && !p.leader().isEmpty())
                            .count();
            if (led >= atLeast && led == partitions.size()) {
                return partitions.size();
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "%d of %d partitions of %s have a leader".formatted(led, atLeast, topic));
            }
            Thread.sleep(10);
        }
    }

    private List<TopicPartitionInfo> partitionsOf(String topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return describe(topic).partitions();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return List.of();
            }
            throw e;
        }
    }

    private static Map<String, String> configs(StreamSettings settings) {
        Map<String, String> configs = new HashMap<>();
        long retentionMs = Duration.ofHours(settings.retentionHours()).toMillis();
        configs.put(TopicConfig.RETENTION_MS_CONFIG, String.valueOf(retentionMs));
        configs.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
        configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        configs.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
        configs.put(
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                String.valueOf(settings.maxRecordSizeKiB() * 1024 + RECORD_OVERHEAD_BYTES));
        // Whole segments expire, so a segment holds at most a 24th of the retention.
        configs.put(TopicConfig.SEGMENT_MS_CONFIG, String.valueOf(retentionMs / 24));
        return configs;
    }

    private static Map<ConfigResource, Collection<AlterConfigOp>> changes(
            String topic, StreamSettings settings) {
        List<AlterConfigOp> changes = new ArrayList<>();
        configs(settings)
                .forEach((name, value) ->
                        changes.add(
                                new AlterConfigOp(
                                        new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        return Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes);
    }

    private static <T> T await(KafkaFuture<T> future)
            throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
