/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.channel.Channels;
import dev.millrace.broker.consumer.SubscriptionNews;
import dev.millrace.broker.consumer.Subscriptions;
import dev.millrace.broker.control.BrokerHealth;
import dev.millrace.broker.queue.QueueKeepers;
import dev.millrace.broker.record.RecordLog;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.tls.TlsIdentity;
import dev.millrace.broker.traffic.LoadReporter;
import dev.millrace.broker.traffic.StreamMetrics;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.ApiHandler;
import dev.millrace.broker.wire.ApiServer;
import dev.millrace.broker.wire.Authenticator;
import dev.millrace.broker.wire.RequestBudget;
import dev.millrace.shard.encryption.EncryptionKeys;
import dev.millrace.shard.encryption.RecordCipher;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/** The HTTP front of a pool, wired onto what stands behind it. */
public final class Gateway implements AutoCloseable {

    /** A put of 10 MiB of records takes 14 MiB as JSON. */
    private static final int BODY_BYTES_MAX = 16 * 1024 * 1024;

    /** A subscription takes a virtual thread and little else while its shard is silent. */
    private static final int SUBSCRIPTIONS_MAX = 10_000;

    private final ApiServer server;
    private final Subscriptions subscriptions;
    private final LoadReporter reporter;
    private final StreamMetrics streamMetrics;

    /** What stands behind a gateway. */
    public record Backend(
            ShardMapClient shardMap,
            ShardAppender appender,
            RecordLog log,
            BrokerHealth brokers,
            QueueKeepers queues,
            SubscriptionNews subscriptionNews) {}

    /**
     * @param random makes stream ids
     * @param requestBytesMax how many bytes of requests may be in memory at once
     * @param encryptionKeys what streams may be encrypted with
     * @param delivers whether somebody runs the pool's delivery streams
     */
    public record Surroundings(
            Account account,
            Authenticator authenticator,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry metrics,
            long requestBytesMax,
            EncryptionKeys encryptionKeys,
            boolean delivers) {

        /** A quarter of the heap for requests. */
        public static long quarterOfHeap() {
            return Math.max(2L * BODY_BYTES_MAX, Runtime.getRuntime().maxMemory() / 4);
        }
    }

    public Gateway(ApiServer.Settings http, Backend backend, Surroundings surroundings) {
        Streams streams = new Streams(backend.shardMap(), surroundings.account());
        RequestBudget budget = new RequestBudget(surroundings.requestBytesMax());
        Gauge.builder("millrace.request.bytes", budget, RequestBudget::bytesUsed)
                .description("Bytes of requests in memory")
                .register(surroundings.metrics());
        this.subscriptions =
                new Subscriptions(
                        surroundings.clock(), SUBSCRIPTIONS_MAX, backend.subscriptionNews());
        Gauge.builder("millrace.subscriptions", subscriptions, Subscriptions::count)
                .description("Subscriptions to shards")
                .register(surroundings.metrics());
        Traffic traffic = new Traffic(System::nanoTime);
        this.reporter = new LoadReporter(traffic, backend.shardMap());
        this.streamMetrics = new StreamMetrics(traffic, backend.shardMap()::current);
        this.server =
                new ApiServer(
                        http,
                        new ApiHandler(
                                ApiActions.of(
                                        streams,
                                        backend.appender(),
                                        backend.log(),
                                        backend.brokers(),
                                        backend.queues(),
                                        new Channels(streams, surroundings.delivers()),
                                        new ApiActions.Fanout(
                                                subscriptions,
                                                new RequestBudget(surroundings.requestBytesMax())),
                                        traffic,
                                        new RecordCipher(
                                                surroundings.encryptionKeys(),
                                                new SecureRandom(),
                                                System::nanoTime),
                                        surroundings.clock(),
                                        surroundings.random()),
                                surroundings.authenticator(),
                                budget,
                                BODY_BYTES_MAX,
                                new MeteredRequests(surroundings.metrics())));
    }

    /** What goes through it, stream by stream, with CloudWatch's names. */
    public StreamMetrics streamMetrics() {
        return streamMetrics;
    }

    /** Takes requests from now on. */
    public void start() {
        server.start();
        reporter.start();
    }

    /** Speaks TLS with this identity from now on. */
    public void identify(TlsIdentity identity) {
        server.identify(identity);
    }

    public int port() {
        return server.port();
    }

    /** The port with TLS, if there is one. */
    public OptionalInt tlsPort() {
        return server.tlsPort();
    }

    /** Takes no more connections, lets requests in flight finish, and stops. */
    @Override
    public void close() {
        reporter.close();
        subscriptions.close();
        server.close();
    }
}
