/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.record.KafkaShardAppender;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.shardmap.KafkaShardMap;
import dev.millrace.broker.shardmap.ShardMapClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** A pool's shard map over Kafka and the way into its shards, which share one view of the pool. */
public final class PoolShards implements KafkaBackend.Shards {

    /**
     * The first lease of a new pool takes as long as its first writer takes to come into office.
     */
    private static final Duration LEASE_WITHIN = Duration.ofMinutes(1);

    private final KafkaShardMap map;
    private final KafkaShardAppender appender;

    private PoolShards(KafkaShardMap map, KafkaShardAppender appender) {
        this.map = map;
        this.appender = appender;
    }

    /** Joins the pool and waits until puts are taken, or for a minute. */
    public static PoolShards join(
            KafkaShardMap.Settings settings, InstantSource clock, RandomGenerator random)
            throws InterruptedException {
        KafkaShardMap map = new KafkaShardMap(settings, clock, random);
        map.start(LEASE_WITHIN);
        return new PoolShards(
                map,
                new KafkaShardAppender(settings.bootstrapServers(), map.gate(), map.changes()));
    }

    @Override
    public ShardMapClient map() {
        return map;
    }

    @Override
    public ShardAppender appender() {
        return appender;
    }

    @Override
    public boolean isReady() {
        return map.isReady();
    }

    /** Puts end first: a gateway that leaves must have none in flight. */
    @Override
    public void close() {
        appender.close();
        try {
            map.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
