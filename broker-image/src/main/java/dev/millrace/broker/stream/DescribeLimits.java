/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamView;
import java.util.Collection;

/** How many shards and on-demand streams there are, and how many there may be. */
public final class DescribeLimits implements Action {

    /** The API's own bound: what a pool can hold depends on its brokers, and is not counted. */
    private static final int UNBOUNDED = 1_000_000;

    private final Streams streams;
    private final boolean channelsOffered;

    /**
     * @param channelsOffered whether there may be channels
     */
    public DescribeLimits(Streams streams, boolean channelsOffered) {
        this.streams = streams;
        this.channelsOffered = channelsOffered;
    }

    @Override
    public Answer handle(Call call) {
        Collection<StreamView> all = streams.map().streams();
        int openShards = all.stream().mapToInt(stream -> stream.openShards().size()).sum();
        long onDemand =
                all.stream()
                        .filter(stream -> stream.state().settings().mode() == StreamMode.ON_DEMAND)
                        .count();
        int channels = streams.map().channels().size();
        return (out, _) -> {
            out.writeNumberField("ShardLimit", UNBOUNDED);
            out.writeNumberField("OpenShardCount", openShards);
            out.writeNumberField("OnDemandStreamCount", onDemand);
            out.writeNumberField("OnDemandStreamCountLimit", UNBOUNDED);
            out.writeNumberField("ChannelCount", channels);
            out.writeNumberField("ChannelCountLimit", channelsOffered ? UNBOUNDED : 0);
        };
    }
}
