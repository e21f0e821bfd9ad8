/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Kafka's own properties for a node. The values keep a broker small: 1,000 partitions fit into a
 * heap of 256 MiB, and an idle one writes little.
 */
final class KafkaProperties {

    static final String BROKER_LISTENER = "BROKER";
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private static final int MIB = 1024 * 1024;

    /** A record of 10 MiB with its key, headers and batch header. */
    private static final int MESSAGE_BYTES_MAX = 10 * MIB + 64 * 1024;

    private KafkaProperties() {}

    /** Where Kafka's logs live: not the volume's root, which may hold a lost+found of its own. */
    static Path logDir(NodeSettings settings) {
        return settings.dataDir().resolve("kafka");
    }

    static Properties of(NodeSettings settings, int controllerPort) {
        Map<String, Object> values = new TreeMap<>();
        quorum(settings, controllerPort, values);
        internalTopics(settings, values);
        memory(values);
        storage(settings, values);
        values.putAll(settings.extra());
        Properties properties = new Properties();
        values.forEach((name, value) -> properties.setProperty(name, value.toString()));
        return properties;
    }

    private static void quorum(
            NodeSettings settings, int controllerPort, Map<String, Object> values) {
        String bound =
                BROKER_LISTENER + "://" + settings.bindHost() + ":" + settings.broker().port();
        String ownVoter = settings.nodeId() + "@" + settings.bindHost() + ":" + controllerPort;
        values.put("process.roles", settings.controller() ? "broker,controller" : "broker");
        values.put("node.id", settings.nodeId());
        values.put("controller.quorum.voters", settings.voters().orElse(ownVoter));
        values.put("controller.listener.names", CONTROLLER_LISTENER);
        values.put("inter.broker.listener.name", BROKER_LISTENER);
        values.put(
                "listener.security.protocol.map",
                BROKER_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
        values.put(
                "listeners",
                settings.controller()
                        ? bound
                                + ","
                                + CONTROLLER_LISTENER
                                + "://"
                                + settings.bindHost()
                                + ":"
                                + controllerPort
                        : bound);
        values.put("advertised.listeners", BROKER_LISTENER + "://" + settings.broker());
        values.put("initial.broker.registration.timeout.ms", 300_000);
        if (settings.replicas() == 1) {
            // Nobody else could take over, and a restart after a kill waits this long for its own
            // former session.
            values.put("broker.session.timeout.ms", 3_000);
            values.put("broker.heartbeat.interval.ms", 500);
        }
    }

    private static void internalTopics(NodeSettings settings, Map<String, Object> values) {
        int minIsr = settings.minInSyncReplicas();
        values.put("auto.create.topics.enable", false);
        values.put("default.replication.factor", settings.replication());
        values.put("min.insync.replicas", minIsr);
        values.put("offsets.topic.replication.factor", settings.replication());
        values.put("offsets.topic.num.partitions", 10);
        values.put("offsets.topic.segment.bytes", 16 * MIB);
        values.put("transaction.state.log.replication.factor", settings.replication());
        values.put("transaction.state.log.min.isr", minIsr);
        values.put("transaction.state.log.num.partitions", 10);
        values.put("transaction.state.log.segment.bytes", 16 * MIB);
        values.put("share.coordinator.state.topic.replication.factor", settings.replication());
        values.put("share.coordinator.state.topic.min.isr", minIsr);
        values.put("share.coordinator.state.topic.num.partitions", 3);
        values.put("share.coordinator.state.topic.segment.bytes", 16 * MIB);
        values.put("group.initial.rebalance.delay.ms", 0);
    }

    private static void memory(Map<String, Object> values) {
        values.put("num.network.threads", 2);
        values.put("num.io.threads", 4);
        values.put("background.threads", 4);
        values.put("num.recovery.threads.per.data.dir", 2);
        values.put("group.coordinator.threads", 1);
        values.put("share.coordinator.threads", 1);
        values.put("log.cleaner.threads", 1);
        values.put("log.cleaner.dedupe.buffer.size", 8 * MIB);
        values.put("log.cleaner.io.buffer.size", MIB);
        values.put("offsets.load.buffer.size", MIB);
        values.put("transaction.state.log.load.buffer.size", MIB);
        values.put("queued.max.request.bytes", 48 * MIB);
        values.put("socket.request.max.bytes", 32 * MIB);
        values.put("message.max.bytes", MESSAGE_BYTES_MAX);
        values.put("fetch.max.bytes", 16 * MIB);
        values.put("replica.fetch.max.bytes", MIB);
        values.put("replica.lag.time.max.ms", 10_000);
    }

    private static void storage(NodeSettings settings, Map<String, Object> values) {
        values.put("log.dirs", logDir(settings));
        values.put("log.segment.bytes", 256 * MIB);
        values.put("log.index.size.max.bytes", MIB);
        values.put("metadata.log.segment.bytes", 32 * MIB);
    }
}
