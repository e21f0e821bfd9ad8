/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.standalone;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.gateway.Gateway;
import dev.millrace.broker.gateway.KafkaBackend;
import dev.millrace.broker.gateway.PoolShards;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.NodeSettings;
import dev.millrace.broker.queuekeeper.KafkaQueueKeepers;
import dev.millrace.broker.shardmap.KafkaShardMap;
import dev.millrace.broker.signing.OpenAuthenticator;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.tls.TlsIdentity;
import dev.millrace.broker.wire.ApiServer;
import dev.millrace.broker.wire.Authenticator;
import dev.millrace.shard.encryption.EncryptionKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Kafka and the gateway in this process. */
public final class Standalone implements AutoCloseable {

    private static final int READERS_MAX = 8;
    private static final String LOOPBACK = "127.0.0.1";

    private final Settings settings;
    private final KafkaNode kafka;
    private final ReentrantLock lock = new ReentrantLock();
    // The three are guarded by lock: a signal may come while the start is under way.
    private @Nullable KafkaBackend backend;
    private @Nullable Gateway gateway;
    private @Nullable FileChannel lockFile;

    /**
     * @param temporary whether the directory is deleted at the end
     * @param accessKeys the keys that requests are signed with; none lets everyone in
     * @param tls how TLS is spoken, beside the port without
     */
    public record Settings(
            Path directory,
            boolean temporary,
            String host,
            int port,
            int kafkaPort,
            Account account,
            List<AccessKey> accessKeys,
            Optional<Tls> tls,
            EncryptionKeys encryptionKeys) {
        public Settings {
            accessKeys = List.copyOf(accessKeys);
        }

        /** Without TLS and encryption. */
        public Settings(
                Path directory,
                boolean temporary,
                String host,
                int port,
                int kafkaPort,
                Account account,
                List<AccessKey> accessKeys) {
            this(
                    directory,
                    temporary,
                    host,
                    port,
                    kafkaPort,
                    account,
                    accessKeys,
                    Optional.empty(),
                    EncryptionKeys.NONE);
        }

        private ApiServer.Settings http() {
            ApiServer.Settings http = ApiServer.Settings.of(host, port);
            return tls.map(t -> http.withTlsPort(t.port())).orElse(http);
        }
    }

    /** A port with TLS, and what proves who listens there. */
    public record Tls(int port, TlsIdentity identity) {}

    public Standalone(Settings settings) {
        this.settings = settings;
        this.kafka =
                new KafkaNode(
                        NodeSettings.alone(
                                settings.directory(),
                                LOOPBACK,
                                settings.kafkaPort(),
                                Uuid.randomUuid().toString()));
    }

    /**
     * Starts and waits until requests are taken.
     *
     * @throws IOException if the data directory cannot be used, or is in use
     */
    public void start() throws IOException, InterruptedException {
        lock.lock();
        try {
            lockFile = lockDirectory();
            kafka.start();
            String bootstrapServers = kafka.bootstrapServers();
            SecureRandom random = new SecureRandom();
            backend =
                    new KafkaBackend(
                            new KafkaQueueKeepers.Settings(bootstrapServers, 1, "standalone"),
                            PoolShards.join(
                                    new KafkaShardMap.Settings(
                                            bootstrapServers,
                                            1,
                                            settings.account().id(),
                                            "standalone"),
                                    InstantSource.system(),
                                    random),
                            READERS_MAX,
                            InstantSource.system(),
                            random);
            backend.start();
            gateway =
                    new Gateway(
                            settings.http(),
                            backend.backend(),
                            new Gateway.Surroundings(
                                    settings.account(),
                                    authenticator(),
                                    InstantSource.system(),
                                    random,
                                    new SimpleMeterRegistry(),
                                    Gateway.Surroundings.quarterOfHeap(),
                                    settings.encryptionKeys(),
                                    false));
            gateway.start();
            settings.tls().map(Tls::identity).ifPresent(gateway::identify);
        } finally {
            lock.unlock();
        }
    }

    public String endpoint() {
        lock.lock();
        try {
            return "http://" + host() + ":" + running().port();
        } finally {
            lock.unlock();
        }
    }

    /** The endpoint with TLS, if there is one. */
    public Optional<String> tlsEndpoint() {
        lock.lock();
        try {
            OptionalInt port = running().tlsPort();
            return port.isEmpty()
                    ? Optional.empty()
                    : Optional.of("https://" + host() + ":" + port.getAsInt());
        } finally {
            lock.unlock();
        }
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** Stops from the front to the back, so that no request is taken that cannot be served. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (gateway != null) {
                gateway.close();
                gateway = null;
            }
            if (backend != null) {
                backend.close();
                backend = null;
            }
            kafka.close();
            if (lockFile != null) {
                lockFile.close();
                lockFile = null;
            }
            if (settings.temporary()) {
                delete(settings.directory());
            }
        } catch (IOException e) {
            throw new IllegalStateException("Cannot clean up " + settings.directory(), e);
        } finally {
            lock.unlock();
        }
    }

    private String host() {
        return settings.host().equals("0.0.0.0") ? LOOPBACK : settings.host();
    }

    private Gateway running() {
        if (gateway == null) {
            throw new IllegalStateException("It is not running");
        }
        return gateway;
    }

    private Authenticator authenticator() {
        return settings.accessKeys().isEmpty()
                ? new OpenAuthenticator()
                : new SigV4Authenticator(
                        new FixedAccessKeys(settings.accessKeys()),
                        Set.of("kinesis", "firehose"),
                        InstantSource.system());
    }

    /** Two processes in one directory would destroy it; the system frees the lock of a dead one. */
    private FileChannel lockDirectory() throws IOException {
        Files.createDirectories(settings.directory());
        FileChannel channel =
                FileChannel.open(
                        settings.directory().resolve("standalone.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        FileLock held = channel.tryLock();
        if (held == null) {
            channel.close();
            throw new IOException("another process uses " + settings.directory());
        }
        return channel;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
