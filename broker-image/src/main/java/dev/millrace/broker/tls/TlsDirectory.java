/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a mounted {@code kubernetes.io/tls} Secret: the files {@code tls.crt} and {@code
 * tls.key}. Whenever they change and can be used, the new identity is handed on; until then the one
 * before it stands. The listener is called by one thread at a time.
 */
public final class TlsDirectory implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TlsDirectory.class);

    private record Pem(String certificates, String key) {}

    private final Path directory;
    private final Duration pollInterval;
    private final Consumer<TlsIdentity> listener;
    private final ScheduledExecutorService poller =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("tls").factory());

    // What was read last, good or bad. Only the first call and then the poller look at it.
    private Pem read = new Pem("", "");

    public TlsDirectory(Path directory, Duration pollInterval, Consumer<TlsIdentity> listener) {
        this.directory = directory;
        this.pollInterval = pollInterval;
        this.listener = listener;
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
    public void close() {
        poller.shutdownNow();
    }

    /** Reads the files, which are few and small. */
    void refresh() {
        try {
            Pem now =
                    new Pem(
                            Files.readString(directory.resolve("tls.crt")),
                            Files.readString(directory.resolve("tls.key")));
            if (now.equals(read)) {
                return;
            }
            read = now;
            TlsIdentity identity = TlsIdentity.parse(now.certificates(), now.key());
            listener.accept(identity);
            log.info(
                    "TLS with the certificate of {}, valid until {}",
                    identity.chain().getFirst().getSubjectX500Principal(),
                    identity.chain().getFirst().getNotAfter().toInstant());
        } catch (IOException | RuntimeException e) {
            // The poller goes on: the Secret may be put right.
            log.warn("Cannot use the TLS certificate in {}: {}", directory, e.toString());
        }
    }
}
