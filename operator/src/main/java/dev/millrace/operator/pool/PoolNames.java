/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the objects of a pool are called. All follows from the pool's name: a lost object is made
 * again, not twice.
 */
public record PoolNames(String pool, String namespace) {

    public static final int GATEWAY_PORT = 4567;
    static final int GATEWAY_TLS_PORT = 4568;
    public static final int KAFKA_PORT = 9092;
    static final int CONTROLLER_PORT = 9093;
    static final int GATEWAY_HEALTH_PORT = 9464;
    static final int KAFKA_HEALTH_PORT = 9465;

    static PoolNames of(BrokerPool pool) {
        return new PoolNames(pool.getMetadata().getName(), pool.getMetadata().getNamespace());
    }

    String statefulSet() {
        return pool + "-broker";
    }

    String headlessService() {
        return pool + "-brokers";
    }

    String headlessHost() {
        return headlessService() + "." + namespace + ".svc";
    }

    public String gatewayService() {
        return pool + "-gateway";
    }

    public String endpoint() {
        return "http://" + gatewayService() + "." + namespace + ".svc:" + GATEWAY_PORT;
    }

    String tlsEndpoint() {
        return "https://" + gatewayService() + "." + namespace + ".svc:" + GATEWAY_TLS_PORT;
    }

    String kafkaService() {
        return pool + "-kafka";
    }

    public String bootstrapServers() {
        return kafkaService() + "." + namespace + ".svc:" + KAFKA_PORT;
    }

    String settings() {
        return pool + "-broker-settings";
    }

    String serviceAccount() {
        return pool + "-broker";
    }

    public String accessKeySecret() {
        return pool + "-access-key";
    }

    /**
     * A Secret of this name, made by whoever wants encryption, has the keys of the pool's streams.
     */
    public String encryptionKeysSecret() {
        return pool + "-encryption-keys";
    }

    public String operatorKeySecret() {
        return pool + "-operator-key";
    }

    String claim(int ordinal) {
        return "data-" + statefulSet() + "-" + ordinal;
    }

    /**
     * Kafka's cluster id. It follows from the names, so that a pool that is made again takes up the
     * volumes that the one before it left.
     */
    String clusterId() {
        for (int attempt = 0; ; attempt++) {
            String id =
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(md5(namespace + "/" + pool + "/" + attempt));
            // Kafka's own ids never start so, as tools would take one for an option.
            if (!id.startsWith("-")) {
                return id;
            }
        }
    }

    /** What the pods are selected by; never changes. */
    Map<String, String> selector() {
        return new TreeMap<>(
                Map.of(
                        "app.kubernetes.io/name", "millrace",
                        "app.kubernetes.io/instance", pool,
                        "app.kubernetes.io/component", "broker"));
    }

    /** The selector in the form of the scale subresource. */
    public String selectorText() {
        return selector().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
    }

    /** What every object of the pool is labelled with. */
    Map<String, String> labels() {
        Map<String, String> labels = new TreeMap<>(selector());
        labels.put("app.kubernetes.io/part-of", "millrace");
        labels.put("app.kubernetes.io/managed-by", "millrace-operator");
        return labels;
    }

    static byte[] md5(String text) {
        try {
            return MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has MD5", e);
        }
    }
}
