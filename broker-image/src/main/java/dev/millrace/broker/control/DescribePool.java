/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import dev.millrace.broker.control.BrokerHealth.Broker;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.volume.Volume;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.map.ShardMap;
import java.io.IOException;

/** The gateways and brokers of the pool, and how it is with them. */
public final class DescribePool implements Action {

    private final Streams streams;
    private final BrokerHealth brokerHealth;

    public DescribePool(Streams streams, BrokerHealth brokerHealth) {
        this.streams = streams;
        this.brokerHealth = brokerHealth;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        ShardMap map = streams.map();
        BrokerHealth.Report report = brokerHealth.report();
        int openShards =
                map.streams().stream().mapToInt(stream -> stream.openShards().size()).sum();
        return (out, _) -> {
            out.writeArrayFieldStart("Gateways");
            for (GatewayId gateway : map.gateways()) {
                out.writeStartObject();
                out.writeStringField("Id", gateway.toString());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeArrayFieldStart("Brokers");
            for (Broker broker : report.brokers()) {
                out.writeStartObject();
                out.writeNumberField("NodeId", broker.nodeId());
                out.writeStringField("Host", broker.host());
                out.writeBooleanField("Controller", broker.controller());
                if (broker.volume().isPresent()) {
                    Volume volume = broker.volume().get();
                    out.writeObjectFieldStart("Volume");
                    out.writeNumberField("TotalBytes", volume.totalBytes());
                    out.writeNumberField("FreeBytes", volume.freeBytes());
                    out.writeBooleanField("Full", volume.isFull());
                    out.writeEndObject();
                }
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeNumberField("UnderReplicatedPartitions", report.underReplicatedPartitions());
            out.writeNumberField("StreamCount", map.streamCount());
            out.writeNumberField("OpenShardCount", openShards);
        };
    }
}
