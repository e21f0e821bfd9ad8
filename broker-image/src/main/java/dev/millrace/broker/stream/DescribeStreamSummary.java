/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;

/** A stream without its shards. */
public final class DescribeStreamSummary implements Action {

    private final Streams streams;

    public DescribeStreamSummary(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(call.input()).check(violations);
        violations.check();
        StreamView stream = streams.find(reference);
        int channels = streams.map().channelsOf(stream.state().name()).size();
        int queues = streams.map().queuesOf(stream.state().name()).size();
        return (out, protocol) -> {
            out.writeObjectFieldStart("StreamDescriptionSummary");
            StreamJson.writeCommon(out, protocol, stream.state(), streams.account());
            out.writeStringField("StreamId", stream.state().id().value());
            out.writeNumberField(
                    "MaxRecordSizeInKiB", stream.state().settings().maxRecordSizeKiB());
            if (stream.state().settings().mode() == StreamMode.ON_DEMAND) {
                out.writeStringField(
                        "RecordDistributionStrategy",
                        stream.state().settings().recordDistribution().name());
            }
            out.writeNumberField("OpenShardCount", stream.openShards().size());
            out.writeNumberField("ConsumerCount", stream.state().consumers().size());
            out.writeNumberField("ChannelCount", channels);
            out.writeNumberField("QueueCount", queues);
            out.writeEndObject();
        };
    }
}
