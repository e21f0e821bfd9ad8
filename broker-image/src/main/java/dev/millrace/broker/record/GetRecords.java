/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.stream.ShardJson;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.traffic.StreamTraffic;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Reads records of a shard from an iterator on, and gives the iterator to go on with. */
public final class GetRecords implements Action {

    private static final int RECORDS_MAX = 10_000;
    private static final int BYTES_MAX = 10 * 1024 * 1024;

    private final Streams streams;
    private final ShardReader reader;
    private final Traffic traffic;
    private final InstantSource clock;

    public GetRecords(Streams streams, ShardReader reader, Traffic traffic, InstantSource clock) {
        this.streams = streams;
        this.reader = reader;
        this.traffic = traffic;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference.of(input).checkForm(violations);
        Optional<String> iterator = input.string("ShardIterator");
        Optional<Long> limit = input.integer("Limit");
        violations
                .required("shardIterator", iterator)
                .length("shardIterator", iterator, 1, 512)
                .inRange("limit", limit, 1, RECORDS_MAX)
                .check();
        long started = traffic.nanoTime();
        Instant now = clock.instant();
        ShardIteratorToken token =
                ShardIteratorToken.decode(iterator.orElseThrow(), streams.tokenKey(), now);
        StreamView stream = streams.findUsable(token.stream());
        Shard shard =
                stream.shard(token.shard())
                        .filter(_ -> stream.state().id().equals(token.streamId()))
                        .orElseThrow(() -> gone(token));
        DryRun.end(input);
        StreamTraffic counted = traffic.of(stream.state());
        boolean limited = stream.state().settings().limits() == LimitsProfile.KINESIS;
        if (limited) {
            checkLimit(counted, stream, shard);
        }
        Batch batch =
                reader.read(
                        stream.state(),
                        shard,
                        token.nextOffset(),
                        limit.map(Long::intValue).orElse(RECORDS_MAX),
                        BYTES_MAX,
                        Duration.ZERO);
        if (limited) {
            counted.limitsOf(shard.id()).gave(batch.bytes());
        }
        counted.getRecords(
                shard.id(),
                batch.bytes(),
                batch.entries().size(),
                reader.millisBehindLatest(batch),
                traffic.nanoTime() - started);
        return (out, protocol) -> write(out, protocol, stream, shard, batch, now);
    }

    private void write(
            JsonGenerator out,
            Protocol protocol,
            StreamView stream,
            Shard shard,
            Batch batch,
            Instant now)
            throws IOException {
        out.writeArrayFieldStart("Records");
        for (Entry entry : batch.entries()) {
            RecordJson.write(out, protocol, shard.id(), entry);
        }
        out.writeEndArray();
        boolean ended = ShardReader.isAtEnd(shard, batch.nextOffset());
        if (ended) {
            out.writeArrayFieldStart("ChildShards");
            for (Shard child : stream.childrenOf(shard.id())) {
                ShardJson.writeChild(out, child);
            }
            out.writeEndArray();
        } else {
            StreamState state = stream.state();
            ShardIteratorToken next =
                    new ShardIteratorToken(
                            state.name(), state.id(), shard.id(), batch.nextOffset(), now);
            out.writeStringField("NextShardIterator", next.encode(streams.tokenKey()));
        }
        out.writeNumberField("MillisBehindLatest", ended ? 0 : reader.millisBehindLatest(batch));
    }

    private void checkLimit(StreamTraffic counted, StreamView stream, Shard shard) {
        boolean allowed =
                counted.limitsOf(shard.id())
                        .tryRead(traffic.nanoTime(), streams.map().gateways().size());
        if (!allowed) {
            counted.readExceeded(shard.id());
            throw new AwsException(
                    ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED,
                    "Rate exceeded for shard %s in stream %s under account %s."
                            .formatted(shard.id(), stream.state().name(), streams.account().id()));
        }
    }

    private AwsException gone(ShardIteratorToken token) {
        return new AwsException(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Shard %s in stream %s under account %s does not exist"
                        .formatted(token.shard(), token.stream(), streams.account().id()));
    }
}
