/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;

/** The control APIs of all pools over HTTP, through one client. */
public final class HttpPoolControls implements PoolControls, AutoCloseable {

    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

    private final HttpClient http;
    private final ControlEndpoint endpoint;
    private final OperatorKeys keys;
    private final String region;
    private final InstantSource clock;

    public HttpPoolControls(
            ControlEndpoint endpoint, OperatorKeys keys, String region, InstantSource clock) {
        this.endpoint = endpoint;
        this.keys = keys;
        this.region = region;
        this.clock = clock;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_WITHIN)
                        .build();
    }

    @Override
    public PoolControl of(PoolRef pool) {
        return new HttpPoolControl(
                pool,
                endpoint.of(pool),
                keys,
                new ControlRequests(region, clock.withZone(ZoneOffset.UTC)),
                http);
    }

    @Override
    public void close() throws InterruptedException {
        http.shutdown();
        if (!http.awaitTermination(CLOSE_WITHIN)) {
            http.shutdownNow();
        }
    }
}
