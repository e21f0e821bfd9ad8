/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import dev.millrace.broker.env.Environment;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What one Kafka node of a pool is started with.
 *
 * @param nodeId 0 .. replicas-1, the pod's ordinal
 * @param clusterId the same on all nodes, kept in the data directory from the first start on
 * @param dataDir where its logs live; only this directory is written
 * @param voters the controllers, in KRaft's form {@code id@host:port}; none lets a single node
 *     choose a free port
 * @param controller whether this node is one of them
 * @param bindHost what both listeners bind to
 * @param broker where clients and other brokers reach it; port 0 chooses a free one
 * @param controllerPort the port of the controller listener; 0 chooses a free one
 * @param replicas how many brokers there are
 * @param replication how many copies of internal topics there are
 * @param extra properties that override all others
 */
public record NodeSettings(
        int nodeId,
        String clusterId,
        Path dataDir,
        Optional<String> voters,
        boolean controller,
        String bindHost,
        Endpoint broker,
        int controllerPort,
        int replicas,
        int replication,
        Map<String, String> extra) {

    public static final int BROKER_PORT = 9092;
    public static final int CONTROLLER_PORT = 9093;

    private static final Pattern POD_NAME = Pattern.compile("(.+)-(\\d+)");

    public NodeSettings {
        extra = Collections.unmodifiableMap(new TreeMap<>(extra));
    }

    /** Host and port as others see them. */
    public record Endpoint(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** A broker that is alone and reached from its own machine. */
    public static NodeSettings alone(Path dataDir, String host, int port, String clusterId) {
        return new NodeSettings(
                0,
                clusterId,
                dataDir,
                Optional.empty(),
                true,
                host,
                new Endpoint(host, port),
                0,
                1,
                1,
                Map.of());
    }

    /**
     * The settings of a pod of a pool.
     *
     * @throws IllegalArgumentException if a variable is missing or wrong; the message names it
     */
    public static NodeSettings of(Environment environment) {
        String pod = environment.required("POD_NAME");
        Matcher matcher = POD_NAME.matcher(pod);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "POD_NAME must end in the pod's ordinal, not be '" + pod + "'");
        }
        String statefulSet = matcher.group(1);
        int ordinal = Integer.parseInt(matcher.group(2));
        String service = environment.required("MILLRACE_HEADLESS_SERVICE");
        int replicas = environment.integer("MILLRACE_REPLICAS", 1, 1);
        int controllers = environment.integer("MILLRACE_CONTROLLERS", 1, 1);
        String voters =
                IntStream.range(0, controllers)
                        .mapToObj(i ->
                                "%d@%s-%d.%s:%d"
                                        .formatted(i, statefulSet, i, service, CONTROLLER_PORT))
                        .collect(Collectors.joining(","));
        return new NodeSettings(
                ordinal,
                environment.required("MILLRACE_CLUSTER_ID"),
                environment.path("MILLRACE_DATA_DIR"),
                Optional.of(voters),
                ordinal < controllers,
                "0.0.0.0",
                new Endpoint(pod + "." + service, BROKER_PORT),
                CONTROLLER_PORT,
                replicas,
                environment.integer("MILLRACE_REPLICATION", 1, Math.min(3, replicas)),
                environment
                        .optional("MILLRACE_KAFKA_CONFIG_FILE")
                        .map(Path::of)
                        .filter(Files::exists)
                        .map(NodeSettings::load)
                        .orElse(Map.of()));
    }

    /** How many copies must have a record before it is acknowledged. */
    public int minInSyncReplicas() {
        return replication >= 3 ? 2 : 1;
    }

    private static Map<String, String> load(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read MILLRACE_KAFKA_CONFIG_FILE " + file, e);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty));
    }
}
