/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.image.TopicImage;
import org.apache.kafka.metadata.BrokerState;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * One Kafka node, broker and (where its settings say so) controller, in this JVM.
 *
 * <p>{@link #start} formats the data directory when it is new and blocks until the broker takes
 * requests; {@link #close} hands leadership over and stops. Both are called from one thread; the
 * questions may be asked from any.
 */
public final class KafkaNode implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaNode.class);

    /**
     * Within what Kubernetes grants a pod: where the other nodes are gone as well, nobody is left
     * to hand over to.
     */
    private static final Duration HAND_OVER_WITHIN = Duration.ofSeconds(15);

    private final NodeSettings settings;
    private final AtomicReference<@Nullable Running> running = new AtomicReference<>();

    public KafkaNode(NodeSettings settings) {
        this.settings = settings;
    }

    private record Running(
            KafkaConfig config,
            BrokerServer broker,
            @Nullable ControllerServer controller,
            Metrics metrics) {}

    /**
     * Starts the node and waits until it takes requests.
     *
     * @throws IOException if the data directory or a port cannot be used
     */
    public void start() throws IOException {
        Path logDir = KafkaProperties.logDir(settings);
        Files.createDirectories(logDir);
        // Held open until Kafka takes it over, so that nobody else gets the port in between.
        ServerSocketChannel controllerSocket = ServerSocketChannel.open();
        if (settings.controller()) {
            controllerSocket.bind(
                    new InetSocketAddress(settings.bindHost(), settings.controllerPort()));
        }
        int controllerPort = settings.controller() ? controllerSocket.socket().getLocalPort() : 0;
        Properties properties = KafkaProperties.of(settings, controllerPort);
        KafkaConfig config = KafkaConfig.fromProps(properties, false);
        format(logDir);
        start(config, handingOver(controllerSocket));
    }

    /** Whether the broker is registered, unfenced and takes requests. */
    public boolean isRunning() {
        Running now = running.get();
        return now != null && now.broker().brokerState() == BrokerState.RUNNING;
    }

    /** Whether all replicas that this broker holds are in sync with their leaders. */
    public boolean isCaughtUp() {
        Running now = running.get();
        return now != null
                && now
                        .broker()
                        .metadataCache()
                        .currentImage()
                        .topics()
                        .topicsById()
                        .values()
                        .stream()
                        .allMatch(this::isCaughtUpOn);
    }

    /** How many partitions that this broker leads lack a replica. */
    public int underReplicatedPartitions() {
        Running now = running.get();
        return now == null ? 0 : now.broker().replicaManager().underReplicatedPartitionCount();
    }

    /** Where clients of this machine connect. */
    public String bootstrapServers() {
        Running now = running.get();
        if (now == null) {
            throw new IllegalStateException("The node is not running");
        }
        int port = now.broker().boundPort(ListenerName.normalised(KafkaProperties.BROKER_LISTENER));
        return new NodeSettings.Endpoint(settings.broker().host(), port).toString();
    }

    /** Stops the broker first, so that it can hand over to others, then the controller. */
    @Override
    public void close() {
        Running stopping = running.getAndSet(null);
        if (stopping == null) {
            return;
        }
        stopping.broker().shutdown(HAND_OVER_WITHIN);
        stopping.broker().awaitShutdown();
        if (stopping.controller() != null) {
            stopping.controller().shutdown();
            stopping.controller().awaitShutdown();
        }
        stopping.metrics().close();
    }

    /**
     * Formats a new directory. The file that marks one as formatted is written last, so that a kill
     * in the middle leaves a directory that is formatted again.
     */
    private void format(Path logDir) {
        if (Files.exists(logDir.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
            return;
        }
        Formatter formatter =
                new Formatter()
                        .setNodeId(settings.nodeId())
                        .setClusterId(settings.clusterId())
                        .addDirectory(logDir.toString())
                        .setMetadataLogDirectory(logDir.toString())
                        .setControllerListenerName(KafkaProperties.CONTROLLER_LISTENER)
                        .setIgnoreFormatted(true)
                        .setPrintStream(
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        false,
                                        StandardCharsets.UTF_8));
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot format " + logDir, e);
        }
        log.info("Formatted {} for node {}", logDir, settings.nodeId());
    }

    private void start(KafkaConfig config, ServerSocketFactory sockets) {
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> logDirs =
                KafkaRaftServer.initializeLogDirs(config, log, "");
        String clusterId = logDirs._1().clusterId().orElseThrow();
        Metrics metrics = Server.initializeMetrics(config, Time.SYSTEM, clusterId);
        SharedServer shared =
                new SharedServer(
                        config,
                        logDirs._1(),
                        Time.SYSTEM,
                        metrics,
                        CompletableFuture.completedFuture(
                                QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
                        List.of(),
                        new StandardFaultHandlerFactory(),
                        sockets);
        BrokerServer broker = new BrokerServer(shared);
        ControllerServer controller = null;
        if (settings.controller()) {
            controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), logDirs._2());
            controller.startup();
        }
        running.set(new Running(config, broker, controller, metrics));
        broker.startup();
    }

    private boolean isCaughtUpOn(TopicImage topic) {
        return topic.partitions().values().stream()
                .allMatch(partition -> !contains(partition.replicas) || contains(partition.isr));
    }

    private boolean contains(int[] nodes) {
        return IntStream.of(nodes).anyMatch(node -> node == settings.nodeId());
    }

    private static ServerSocketFactory handingOver(ServerSocketChannel controllerSocket) {
        return (listener, address, backlog, receiveBufferBytes) -> {
            if (listener.equals(KafkaProperties.CONTROLLER_LISTENER)) {
                controllerSocket.configureBlocking(false);
                return controllerSocket;
            }
            return ServerSocketFactory.INSTANCE.openServerSocket(
                    listener, address, backlog, receiveBufferBytes);
        };
    }
}
