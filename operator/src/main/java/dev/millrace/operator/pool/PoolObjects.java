/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The small objects of a pool. */
final class PoolObjects {

    static final String KAFKA_PROPERTIES = "kafka.properties";

    static final Set<String> KEY_FIELDS = Set.of("accessKeyId", "secretAccessKey");

    private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String SECRET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private PoolObjects() {}

    /** Broker pods need nothing of the API server. */
    static ServiceAccount serviceAccount(BrokerPool pool) {
        return new ServiceAccountBuilder()
                .withMetadata(PoolMetadata.of(pool, PoolNames.of(pool).serviceAccount()))
                .withAutomountServiceAccountToken(false)
                .build();
    }

    static ConfigMap settings(BrokerPool pool) {
        String properties =
                new TreeMap<>(pool.getSpec().kafka().config())
                        .entrySet().stream()
                                .map(entry ->
                                        entry.getKey() + "=" + escaped(entry.getValue()) + "\n")
                                .collect(Collectors.joining());
        return new ConfigMapBuilder()
                .withMetadata(PoolMetadata.of(pool, PoolNames.of(pool).settings()))
                .withData(Map.of(KAFKA_PROPERTIES, properties))
                .build();
    }

    /** One line, whatever the value: a line break in it must not begin another setting. */
    private static String escaped(String value) {
        String oneLine = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
        return oneLine.startsWith(" ") || oneLine.startsWith("\t") || oneLine.startsWith("\f")
                ? "\\" + oneLine
                : oneLine;
    }

    /** One broker at a time may be evicted: with three, every record keeps two copies. */
    static PodDisruptionBudget disruptionBudget(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        return new PodDisruptionBudgetBuilder()
                .withMetadata(PoolMetadata.of(pool, names.statefulSet()))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                .withNewSelector()
                .withMatchLabels(names.selector())
                .endSelector()
                .endSpec()
                .build();
    }

    /**
     * A new access key, of the form of Amazon's. Made once: what is there is never written again.
     */
    static Secret accessKey(BrokerPool pool, String name, RandomGenerator random) {
        return new SecretBuilder()
                .withMetadata(PoolMetadata.of(pool, name))
                .withType("Opaque")
                .withStringData(
                        Map.of(
                                "accessKeyId",
                                "AKIA" + draw(UPPER, 16, random),
                                "secretAccessKey",
                                draw(SECRET, 40, random)))
                .build();
    }

    private static String draw(String alphabet, int length, RandomGenerator random) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
