/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.queue.QueueMetrics;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.tls.TlsIdentity;
import dev.millrace.broker.traffic.StreamMetrics;
import dev.millrace.broker.wire.ApiServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.spec.SecretKeySpec;

/** A whole gateway over {@link InMemoryBackend}, with a clock that can be moved. */
final class InMemoryGateway implements AutoCloseable {

    static final AccessKey CLIENT =
            new AccessKey(KinesisApiContract.ACCESS_KEY, KinesisApiContract.SECRET, Role.CLIENT);
    static final AccessKey OPERATOR = new AccessKey("AKIDOPERATOR", "other", Role.OPERATOR);

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final Gateway gateway;

    InMemoryGateway() {
        this(64L * 1024 * 1024);
    }

    InMemoryGateway(long requestBytesMax) {
        this(requestBytesMax, List.of());
    }

    /**
     * @param more keys beside those of the client and the operator
     */
    InMemoryGateway(long requestBytesMax, List<AccessKey> more) {
        this(requestBytesMax, more, true);
    }

    /**
     * @param delivers whether somebody runs delivery streams
     */
    InMemoryGateway(long requestBytesMax, List<AccessKey> more, boolean delivers) {
        List<AccessKey> keys = new ArrayList<>(more);
        keys.add(CLIENT);
        keys.add(OPERATOR);
        InstantSource clock = () -> Instant.now().plus(ahead.get());
        this.gateway =
                new Gateway(
                        ApiServer.Settings.of("127.0.0.1", 0).withTlsPort(0),
                        new InMemoryBackend(clock).backend(),
                        new Gateway.Surroundings(
                                new Account("us-east-1", "000000000000"),
                                // Signatures keep real time, so that moving the clock leaves the
                                // SDK's own alone.
                                new SigV4Authenticator(
                                        new FixedAccessKeys(keys),
                                        Set.of("kinesis", "firehose"),
                                        InstantSource.system()),
                                clock,
                                new Random(1),
                                new SimpleMeterRegistry(),
                                requestBytesMax,
                                name ->
                                        name.value().equals("test-key")
                                                ? Optional.of(
                                                        new SecretKeySpec(new byte[32], "AES"))
                                                : Optional.empty(),
                                delivers));
        gateway.start();
    }

    int port() {
        return gateway.port();
    }

    int tlsPort() {
        return gateway.tlsPort().orElseThrow();
    }

    void identify(TlsIdentity identity) {
        gateway.identify(identity);
    }

    StreamMetrics streamMetrics() {
        return gateway.streamMetrics();
    }

    QueueMetrics queueMetrics() {
        return gateway.queueMetrics();
    }

    void advance(Duration time) {
        ahead.updateAndGet(time::plus);
    }

    @Override
    public void close() {
        gateway.close();
    }
}
