/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

import dev.millrace.broker.policy.MalformedPolicyException;
import dev.millrace.broker.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access keys out of mounted Secrets: {@code operator/} and {@code clients/<name>/}, each with the
 * files {@code accessKeyId} and {@code secretAccessKey}. A Secret that changes takes effect within
 * seconds, with no restart; one that cannot be read is left out, and the rest stand.
 */
public final class AccessKeyDirectory implements AccessKeys, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AccessKeyDirectory.class);

    private final Path directory;
    private final Duration pollInterval;
    private final ScheduledExecutorService poller =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("access-keys").factory());

    private volatile Map<String, AccessKey> keys = Map.of();

    public AccessKeyDirectory(Path directory, Duration pollInterval) {
        this.directory = directory;
        this.pollInterval = pollInterval;
    }

    /** Reads the directory now, and from now on again and again. */
    public void start() {
        refresh();
        var _ =
                poller.scheduleWithFixedDelay(
                        this::refresh,
                        pollInterval.toMillis(),
                        pollInterval.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public Optional<AccessKey> find(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    @Override
    public void close() {
        poller.shutdownNow();
    }

    /** Reads the directory. The files are few and small, so each poll reads them all. */
    void refresh() {
        Map<String, AccessKey> found = new HashMap<>();
        for (Path client : subdirectories(directory.resolve("clients"))) {
            read(client, Role.CLIENT).ifPresent(key -> found.put(key.id(), key));
        }
        read(directory.resolve("operator"), Role.OPERATOR)
                .ifPresent(key -> found.put(key.id(), key));
        if (!found.equals(keys)) {
            log.info("Access keys: {}", found.values());
            keys = Map.copyOf(found);
        }
    }

    private static List<Path> subdirectories(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory)
                    // Kubernetes keeps its own versions in hidden directories beside the files.
                    .filter(child -> !child.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            log.warn("Cannot list {}: {}", parent, e.toString());
            return List.of();
        }
    }

    private static Optional<AccessKey> read(Path secret, Role role) {
        Path id = secret.resolve("accessKeyId");
        Path key = secret.resolve("secretAccessKey");
        if (!Files.exists(id) || !Files.exists(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new AccessKey(
                            Files.readString(id).strip(),
                            Files.readString(key).strip(),
                            role,
                            secret.getFileName().toString(),
                            policy(secret)));
        } catch (MalformedPolicyException e) {
            // With the policy passed over, the key could do what it is there to prevent.
            log.warn(
                    "The access key in {} is not valid: its policy is not: {}",
                    secret,
                    e.getMessage());
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            log.warn("Cannot use the access key in {}: {}", secret, e.getMessage());
            return Optional.empty();
        }
    }

    private static Policy policy(Path secret) throws IOException, MalformedPolicyException {
        Path policy = secret.resolve("policy");
        return Files.exists(policy)
                ? Policy.ofIdentity(Files.readString(policy))
                : Policy.FULL_ACCESS;
    }
}
