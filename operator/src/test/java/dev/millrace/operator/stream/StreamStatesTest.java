/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.control.StreamStateView.Storage;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamStatesTest {

    private static final PoolRef POOL = new PoolRef("shop", "main");
    private static final Instant T0 = Instant.parse("2026-11-01T10:00:00Z");
    private static final StreamName ORDERS = new StreamName("orders");

    private final StreamStates states = new StreamStates();
    private final StreamStateView orders = orders();

    /** Or streams that take records would be reconciled with each list. */
    @Test
    void figuresOfStorageAreTakenOnceAMinute() {
        assertThat(list(T0, Optional.empty())).containsExactly(ORDERS);
        assertThat(list(T0.plusSeconds(5), storage(100))).containsExactly(ORDERS);
        assertThat(list(T0.plusSeconds(10), storage(200))).isEmpty();
        assertThat(list(T0.plusSeconds(59), storage(300))).isEmpty();
        assertThat(states.of(POOL).orElseThrow().find(ORDERS).orElseThrow().storage())
                .isEqualTo(storage(100));
        assertThat(list(T0.plusSeconds(60), storage(400))).containsExactly(ORDERS);
        assertThat(list(T0.plusSeconds(65), storage(500))).isEmpty();
    }

    private java.util.Set<StreamName> list(Instant at, Optional<Storage> storage) {
        return states.listed(POOL, new PoolStreams(List.of(orders.with(storage)), List.of()), at);
    }

    private static Optional<Storage> storage(long bytes) {
        return Optional.of(new Storage(bytes, 3, Optional.of(bytes)));
    }

    private static StreamStateView orders() {
        InMemoryPoolControl gateway = new InMemoryPoolControl(InstantSource.fixed(T0));
        gateway.createStream(ORDERS, 2);
        return switch (gateway.listStreamStates()) {
            case ControlResult.Applied<PoolStreams>(PoolStreams streams) ->
                    streams.find(ORDERS).orElseThrow();
            case ControlResult.Refused<PoolStreams> refused ->
                    throw new AssertionError(refused.toString());
            case ControlResult.Unreachable<PoolStreams> unreachable ->
                    throw new AssertionError(unreachable.toString());
        };
    }
}
