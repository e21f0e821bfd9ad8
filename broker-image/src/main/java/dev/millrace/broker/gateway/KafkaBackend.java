/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.control.KafkaBrokerHealth;
import dev.millrace.broker.record.KafkaRecordLog;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.shardmap.ShardMapClient;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** What stands behind a gateway, connected to a pool's Kafka. */
public final class KafkaBackend implements AutoCloseable {

    private final Gateway.Backend backend;
    private final KafkaRecordLog log;
    private final Admin admin;
    private final Shards shards;

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
    public KafkaBackend(String bootstrapServers, Shards shards, int readersMax) {
        this.shards = shards;
        this.log = KafkaRecordLog.of(bootstrapServers, Map.of(), readersMax);
        this.admin =
                Admin.create(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "client.id",
                                "millrace-gateway-health",
                                "metric.reporters",
                                ""));
        this.backend =
                new Gateway.Backend(
                        shards.map(), shards.appender(), log, new KafkaBrokerHealth(admin));
    }

    public Gateway.Backend backend() {
        return backend;
    }

    public boolean isReady() {
        return shards.isReady();
    }

    /** Leaves the pool first, so that others need not wait for this gateway's lease to end. */
    @Override
    public void close() {
        shards.close();
        log.close();
        admin.close();
    }
}
