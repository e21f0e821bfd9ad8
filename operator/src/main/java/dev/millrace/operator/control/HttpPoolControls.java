/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.time.InstantSource;
import java.time.ZoneOffset;

/** The control APIs of all pools over HTTP, through one client. */
public final class HttpPoolControls implements PoolControls, AutoCloseable {

    private final ControlConnections connections = new ControlConnections();
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
    }

    @Override
    public PoolControl of(PoolRef pool) {
        return new HttpPoolControl(
                pool,
                endpoint.of(pool),
                keys,
                new ControlRequests(region, clock.withZone(ZoneOffset.UTC)),
                connections);
    }

    @Override
    public void close() throws InterruptedException {
        connections.close();
    }
}
