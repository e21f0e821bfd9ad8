/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.consumer.KafkaSubscriptionNews;
import dev.millrace.broker.control.KafkaBrokerHealth;
import dev.millrace.broker.limits.KafkaShareExchange;
import dev.millrace.broker.queuekeeper.KafkaQueueKeepers;
import dev.millrace.broker.record.KafkaRecordLog;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardLooks;
import dev.millrace.broker.record.VolumeGuard;
import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.broker.volume.KafkaVolumeReader;
import dev.millrace.broker.volume.VolumeMetrics;
import dev.millrace.broker.volume.VolumeWatch;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.StreamStatus;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;

/** What stands behind a gateway, connected to a pool's Kafka. */
public final class KafkaBackend implements AutoCloseable {

    private final Gateway.Backend backend;
    private final KafkaRecordLog log;
    private final Admin admin;
    private final KafkaQueueKeepers queues;
    private final KafkaSubscriptionNews news;
    private final Shards shards;
    private final VolumeWatch volumes;

    /** The shard map and the way into the shards, which share their view of the pool. */
    public interface Shards extends AutoCloseable {

        ShardMapClient map();

        ShardAppender appender();

        /** Whether puts are taken at this moment. */
        boolean isReady();

        /** Lets puts in flight end, then leaves the pool. */
        @Override
        void close();
    }

    /**
     * @param readersMax how many reads may be under way at once
     */
    public KafkaBackend(
            KafkaQueueKeepers.Settings settings,
            Shards shards,
            int readersMax,
            InstantSource clock,
            RandomGenerator random) {
        String bootstrapServers = settings.bootstrapServers();
        this.shards = shards;
        this.log = KafkaRecordLog.of(bootstrapServers, Map.of(), readersMax, this::isThere);
        this.admin =
                Admin.create(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "client.id",
                                "millrace-gateway-health",
                                "metric.reporters",
                                ""));
        this.volumes = new VolumeWatch(new KafkaVolumeReader(admin), System::nanoTime);
        this.queues =
                new KafkaQueueKeepers(
                        settings,
                        shards.map()::current,
                        new ShardLooks(shards.map()::current, log, clock),
                        clock,
                        random);
        this.news = new KafkaSubscriptionNews(bootstrapServers, settings.replication());
        this.backend =
                new Gateway.Backend(
                        shards.map(),
                        new VolumeGuard(shards.appender(), volumes::full),
                        log,
                        new KafkaBrokerHealth(admin, volumes),
                        queues,
                        news,
                        new KafkaShareExchange(bootstrapServers));
    }

    private boolean isThere(StreamId stream) {
        return shards.map().current().stream(stream)
                .filter(view -> view.state().status() != StreamStatus.DELETING)
                .isPresent();
    }

    public Gateway.Backend backend() {
        return backend;
    }

    /** Looks at the brokers' volumes from now on; puts are refused while one is full. */
    public void start() {
        volumes.start();
    }

    /** How full the volumes are, for Prometheus. */
    public VolumeMetrics volumeMetrics() {
        return new VolumeMetrics(volumes);
    }

    public boolean isReady() {
        return shards.isReady();
    }

    /**
     * Leaves the pool first, so that others need not wait for this gateway's lease to end, and
     * gives the queues that it keeps to others.
     */
    @Override
    public void close() {
        shards.close();
        queues.close();
        news.close();
        volumes.close();
        log.close();
        admin.close();
    }
}
