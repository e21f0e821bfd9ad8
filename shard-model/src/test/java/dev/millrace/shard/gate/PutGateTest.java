/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.Input;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapCoordinator;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PutGateTest {

    private final ShardMapCoordinator writer =
            new ShardMapCoordinator("000000000000", "term", ShardMap.empty());
    private int ids;
    private final PutGate gate =
            new PutGate(() -> new GatewayId("g" + ids++), System::nanoTime, _ -> {});

    @Test
    void whoLeavesStaysAway() {
        deliver(gate.heartbeat().orElseThrow());
        assertThat(gate.hasLease()).isTrue();

        GatewayMessage.Leave leave = gate.leave();
        assertThat(gate.hasLease()).isFalse();
        deliver(leave);

        assertThat(gate.heartbeat()).isEmpty();
        assertThat(writer.map().gateway(new GatewayId("g0"))).isEmpty();
    }

    @Test
    void whoWasExpelledJoinsAgain() {
        deliver(gate.heartbeat().orElseThrow());
        deliver(new GatewayMessage.Leave(gate.gateway()));

        GatewayMessage.Heartbeat again = gate.heartbeat().orElseThrow();
        assertThat(again.gateway()).isEqualTo(new GatewayId("g1"));
        assertThat(again.join()).isTrue();
        deliver(again);
        assertThat(gate.hasLease()).isTrue();
    }

    /** The writer decides the message, and the gate sees what came of it. */
    private void deliver(GatewayMessage message) {
        writer.committed(
                writer.on(new Input.FromGateway(message), Instant.parse("2026-11-01T00:00:00Z")));
        gate.mapChanged(writer.map());
    }
}
