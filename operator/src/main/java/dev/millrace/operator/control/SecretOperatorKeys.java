/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the key from the Secret {@code <pool>-operator-key}, and again every few minutes or when it
 * was rejected.
 */
public final class SecretOperatorKeys implements OperatorKeys {

    static final String SECRET_SUFFIX = "-operator-key";
    private static final Duration KEEP = Duration.ofMinutes(5);

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Map<PoolRef, Kept> kept = new ConcurrentHashMap<>();

    private record Kept(Key key, Instant readAt) {}

    public SecretOperatorKeys(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    @Override
    public Optional<Key> of(PoolRef pool) {
        Kept known = kept.get(pool);
        if (known != null && clock.instant().isBefore(known.readAt().plus(KEEP))) {
            return Optional.of(known.key());
        }
        Optional<Key> key = read(pool);
        key.ifPresentOrElse(
                k -> kept.put(pool, new Kept(k, clock.instant())), () -> kept.remove(pool));
        return key;
    }

    @Override
    public void wasRejected(PoolRef pool) {
        kept.remove(pool);
    }

    private Optional<Key> read(PoolRef pool) {
        Secret secret =
                client.secrets()
                        .inNamespace(pool.namespace())
                        .withName(pool.name() + SECRET_SUFFIX)
                        .get();
        if (secret == null || secret.getData() == null) {
            return Optional.empty();
        }
        Optional<String> id = value(secret, "accessKeyId");
        return value(secret, "secretAccessKey").flatMap(key -> id.map(i -> new Key(i, key)));
    }

    private static Optional<String> value(Secret secret, String field) {
        return Optional.ofNullable(secret.getData().get(field))
                .map(SecretOperatorKeys::decoded)
                .filter(text -> !text.isEmpty());
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8).strip();
    }
}
