/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.limits.ShardLimits;
import dev.millrace.broker.limits.ShardLimits.Patience;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.traffic.StreamTraffic;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Refuses records beyond what a shard may take, for streams that keep to Kinesis's limits. */
public final class ThrottledAppender implements ShardAppender {

    private final ShardAppender appender;
    private final Streams streams;
    private final Traffic traffic;
    private final ShardLimits limits;

    public ThrottledAppender(
            ShardAppender appender, Streams streams, Traffic traffic, ShardLimits limits) {
        this.appender = appender;
        this.streams = streams;
        this.traffic = traffic;
        this.limits = limits;
    }

    @Override
    public Appends append(StreamName name, List<NewRecord> records) {
        Optional<StreamView> stream =
                streams.map().stream(name)
                        .filter(view -> view.state().settings().limits() == LimitsProfile.KINESIS);
        return stream.isEmpty()
                ? appender.append(name, records)
                : appendWithin(stream.get(), name, records);
    }

    private Appends appendWithin(StreamView stream, StreamName name, List<NewRecord> records) {
        Appends appends = new Appends(records.size());
        StreamTraffic counted = traffic.of(stream.state());
        Patience patience = limits.patience();
        List<NewRecord> allowed = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            NewRecord record = records.get(i);
            Optional<Shard> shard = stream.route(record.key());
            if (shard.isPresent() && !tryPut(stream, shard.get(), record, patience)) {
                counted.writeExceeded(shard.get().id());
                appends.complete(i, exceeded(stream, shard.get()));
            } else {
                allowed.add(record);
                places.add(i);
            }
        }
        complete(appends, places, name, allowed);
        return appends;
    }

    private boolean tryPut(StreamView stream, Shard shard, NewRecord record, Patience patience) {
        return limits.tryPut(
                stream.state().id(),
                shard.id(),
                record.data().length + record.partitionKey().length(),
                patience);
    }

    private void complete(
            Appends appends, List<Integer> places, StreamName name, List<NewRecord> allowed) {
        if (allowed.isEmpty()) {
            return;
        }
        List<AppendResult> results;
        try {
            results = appender.append(name, allowed).await(Puts.TIMEOUT);
        } catch (InterruptedException _) {
            // Who waits for the answer is interrupted, too, and gives none.
            Thread.currentThread().interrupt();
            return;
        }
        for (int i = 0; i < results.size(); i++) {
            appends.complete(places.get(i), results.get(i));
        }
    }

    private AppendResult exceeded(StreamView stream, Shard shard) {
        return new AppendResult.Refused(
                Kind.THROUGHPUT_EXCEEDED,
                "Rate exceeded for shard %s in stream %s under account %s."
                        .formatted(shard.id(), stream.state().name(), streams.account().id()));
    }
}
