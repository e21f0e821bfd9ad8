/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.channel.Channels;
import dev.millrace.broker.consumer.SubscriptionNews;
import dev.millrace.broker.consumer.Subscriptions;
import dev.millrace.broker.control.BrokerHealth;
import dev.millrace.broker.limits.ShardLimits;
import dev.millrace.broker.limits.ShareExchange;
import dev.millrace.broker.queue.QueueKeepers;
import dev.millrace.broker.queue.QueueMetrics;
import dev.millrace.broker.queue.QueueTraffic;
import dev.millrace.broker.queue.Queues;
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
import dev.millrace.shard.map.StreamView;
import io.micrometer.core.instrument.FunctionCounter;
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

    /** What a request takes while it is under way, beside its body: a thread, headers, buffers. */
    private static final int REQUEST_BYTES = 48 * 1024;

    private static final int REQUESTS_MIN = 512;
    private static final int REQUESTS_MAX = 16_384;

    private final ApiServer server;
    private final Subscriptions subscriptions;
    private final LoadReporter reporter;
    private final ShardLimits limits;
    private final StreamMetrics streamMetrics;
    private final QueueMetrics queueMetrics;

    /**
     * What stands behind a gateway.
     *
     * @param shares its way to the other gateways of the pool
     */
    public record Backend(
            ShardMapClient shardMap,
            ShardAppender appender,
            RecordLog log,
            BrokerHealth brokers,
            QueueKeepers queues,
            SubscriptionNews subscriptionNews,
            ShareExchange shares) {}

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
        // So many that the others find a place.
        this.subscriptions =
                new Subscriptions(
                        surroundings.clock(), requestsMax() / 4 * 3, backend.subscriptionNews());
        Gauge.builder("millrace.subscriptions", subscriptions, Subscriptions::count)
                .description("Subscriptions to shards")
                .register(surroundings.metrics());
        // An answer is sent as it is written, so that its records are what is in memory.
        RequestBudget answers = new RequestBudget(surroundings.requestBytesMax() / 2);
        Gauge.builder("millrace.answer.bytes", answers, RequestBudget::bytesUsed)
                .description("Bytes of records that are on their way to clients")
                .register(surroundings.metrics());
        Traffic traffic = new Traffic(System::nanoTime);
        this.limits = new ShardLimits(backend.shardMap(), backend.shares(), System::nanoTime);
        this.reporter = new LoadReporter(traffic, backend.shardMap());
        this.streamMetrics = new StreamMetrics(traffic, backend.shardMap()::current);
        QueueTraffic queueTraffic =
                new QueueTraffic(id -> backend.shardMap().current().queue(id).isPresent());
        this.queueMetrics =
                new QueueMetrics(
                        queueTraffic,
                        backend.queues(),
                        backend.shardMap()::current,
                        surroundings.clock());
        ApiHandler handler =
                new ApiHandler(
                        ApiActions.of(
                                streams,
                                backend.appender(),
                                backend.log(),
                                backend.brokers(),
                                new Queues(streams, backend.queues(), queueTraffic),
                                new Channels(streams, surroundings.delivers()),
                                new ApiActions.Answers(subscriptions, answers),
                                traffic,
                                limits,
                                new RecordCipher(
                                        surroundings.encryptionKeys(),
                                        new SecureRandom(),
                                        System::nanoTime),
                                surroundings.clock(),
                                surroundings.random()),
                        surroundings.authenticator(),
                        budget,
                        BODY_BYTES_MAX,
                        requestsMax(),
                        new MeteredRequests(surroundings.metrics()));
        this.server = new ApiServer(http, handler);
        register(surroundings.metrics(), handler);
        register(surroundings.metrics(), backend.shardMap());
    }

    private static void register(MeterRegistry metrics, ShardMapClient shardMap) {
        Gauge.builder("millrace.streams", shardMap, map -> map.current().streamCount())
                .description("Streams of the pool")
                .register(metrics);
        Gauge.builder(
                        "millrace.shards",
                        shardMap,
                        map ->
                                map.current().streams().stream()
                                        .mapToInt(StreamView::shardCount)
                                        .sum())
                .description("Shards of the pool, those that are closed and can be read included")
                .register(metrics);
    }

    private void register(MeterRegistry metrics, ApiHandler handler) {
        Gauge.builder("millrace.requests.active", handler, ApiHandler::active)
                .description("Requests under way")
                .register(metrics);
        Gauge.builder("millrace.connections", server, ApiServer::connections)
                .description("Open connections of clients")
                .register(metrics);
        FunctionCounter.builder("millrace.connections.shed", server, ApiServer::connectionsShed)
                .description("Connections closed to make room for others, or for being too slow")
                .register(metrics);
    }

    /** As many as a third of the heap has room for. */
    private static int requestsMax() {
        return Math.clamp(
                Runtime.getRuntime().maxMemory() / 3 / REQUEST_BYTES, REQUESTS_MIN, REQUESTS_MAX);
    }

    /** What goes through it, stream by stream, with CloudWatch's names. */
    public StreamMetrics streamMetrics() {
        return streamMetrics;
    }

    /** How queues stand, and what goes through them. */
    public QueueMetrics queueMetrics() {
        return queueMetrics;
    }

    /** Takes requests from now on. */
    public void start() {
        server.start();
        reporter.start();
        limits.start();
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
        limits.close();
        subscriptions.close();
        server.close();
    }
}
