/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.RoundId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.demand.ShardLoad;
import java.util.List;

/** What a gateway sends to the shard map's writer, through the inbox topic. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
    @JsonSubTypes.Type(value = GatewayMessage.Heartbeat.class, name = "heartbeat"),
    @JsonSubTypes.Type(value = GatewayMessage.Drained.class, name = "drained"),
    @JsonSubTypes.Type(value = GatewayMessage.Leave.class, name = "leave"),
    @JsonSubTypes.Type(value = GatewayMessage.Ask.class, name = "ask"),
    @JsonSubTypes.Type(value = GatewayMessage.Load.class, name = "load")
})
public sealed interface GatewayMessage {

    GatewayId gateway();

    /**
     * @param number counts up; the lease that it leads to counts from when it was sent
     * @param join whether the gateway is not a member yet, as far as it knows: a late heartbeat of
     *     an expelled one must not make it a member again
     */
    record Heartbeat(GatewayId gateway, long number, boolean join) implements GatewayMessage {}

    /**
     * No put to a shard that is closing in that round is in flight on this gateway, nor will be.
     */
    record Drained(GatewayId gateway, RoundId round) implements GatewayMessage {}

    /** The gateway goes; no put is in flight on it. */
    record Leave(GatewayId gateway) implements GatewayMessage {}

    /**
     * What an on-demand stream took on this gateway since the last such message. One that is lost
     * is missed by nobody for long.
     */
    record Load(GatewayId gateway, StreamId stream, List<ShardLoad> shards)
            implements GatewayMessage {
        public Load {
            shards = List.copyOf(shards);
        }
    }

    /** A command; its reply goes into the log under the command's id. */
    record Ask(GatewayId gateway, String commandId, Command command) implements GatewayMessage {}
}
