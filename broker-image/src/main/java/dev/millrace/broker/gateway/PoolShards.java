/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

/** Joins a pool's shard map. */
public final class PoolShards {

    private PoolShards() {}

    /**
     * @param account the account that messages name
     * @param replication how many copies the shard map's own topics have
     */
    public static KafkaBackend.Shards connect(
            String bootstrapServers, String account, int replication) {
        throw new UnsupportedOperationException("The shard map over Kafka is not wired yet");
    }
}
