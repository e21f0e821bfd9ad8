/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.limits.ShardLimits;
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
import dev.millrace.broker.wire.RequestBudget;
import dev.millrace.broker.wire.UnavailableException;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads records of a shard from an iterator on, and gives the iterator to go on with. */
public final class GetRecords implements Action {

    private static final Logger log = LoggerFactory.getLogger(GetRecords.class);
    private static final int RECORDS_MAX = 10_000;
    private static final int BYTES_MAX = 10 * 1024 * 1024;

    /** As much as Kafka sends at once. */
    private static final int PIECE_BYTES = 1024 * 1024;

    private static final int PIECE_BYTES_WHEN_FULL = 64 * 1024;

    private final Streams streams;
    private final ShardReader reader;
    private final RequestBudget budget;
    private final ShardLimits limits;
    private final Traffic traffic;
    private final InstantSource clock;

    /**
     * @param budget the bytes of records that may be on their way to clients at once
     */
    public GetRecords(
            Streams streams,
            ShardReader reader,
            RequestBudget budget,
            ShardLimits limits,
            Traffic traffic,
            InstantSource clock) {
        this.streams = streams;
        this.reader = reader;
        this.budget = budget;
        this.limits = limits;
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
        if (stream.state().settings().limits() == LimitsProfile.KINESIS) {
            checkLimit(counted, stream, shard);
        }
        Reading reading =
                new Reading(stream, shard, counted, limit.map(Long::intValue).orElse(RECORDS_MAX));
        reading.begin(token.nextOffset());
        return reading;
    }

    /**
     * As much as Kafka sends at once, and less while many answers are on their way: a quarter of
     * what is left, so that there is always something left for others.
     */
    private int pieceBytes() {
        return Math.clamp(budget.bytesFree() / 4, PIECE_BYTES_WHEN_FULL, PIECE_BYTES);
    }

    private int pieceRecords() {
        return Math.clamp(
                budget.bytesFree() / 4 / Entry.OVERHEAD_BYTES,
                PIECE_BYTES_WHEN_FULL / Entry.OVERHEAD_BYTES,
                RECORDS_MAX);
    }

    /**
     * One answer. It is read and written piece by piece, so that nobody holds all of its ten
     * megabytes, however slowly the client takes them; the piece that it holds is in the budget.
     * The first piece is read before anything is written, so that what goes wrong with it is told;
     * what goes wrong with a later one ends the answer before it, and is told to the next call.
     */
    private final class Reading implements Answer {
        private final StreamView stream;
        private final Shard shard;
        private final StreamTraffic counted;
        private final int recordsMax;
        private Batch piece = new Batch(List.of(), 0, 0);
        private long held;
        private long bytes;
        private int records;
        private long tookNanos;

        Reading(StreamView stream, Shard shard, StreamTraffic counted, int recordsMax) {
            this.stream = stream;
            this.shard = shard;
            this.counted = counted;
            this.recordsMax = recordsMax;
        }

        void begin(long offset) {
            if (!take(read(offset))) {
                throw new AwsException(
                        ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED,
                        "The gateway has as many answers under way as it can; shard %s in stream %s can be read in a moment."
                                .formatted(shard.id(), stream.state().name()));
            }
        }

        @Override
        public void close() {
            budget.release(held);
            held = 0;
        }

        @Override
        public void writeFields(JsonGenerator out, Protocol protocol) throws IOException {
            RecordJson.Writer writer = new RecordJson.Writer(out, protocol, shard.id());
            out.writeArrayFieldStart("Records");
            do {
                writer.write(piece.entries());
            } while (next());
            out.writeEndArray();
            boolean ended = ShardReader.isAtEnd(shard, piece.nextOffset());
            if (ended) {
                out.writeArrayFieldStart("ChildShards");
                for (Shard child : stream.childrenOf(shard.id())) {
                    ShardJson.writeChild(out, child);
                }
                out.writeEndArray();
            } else {
                out.writeStringField("NextShardIterator", iterator());
            }
            long millisBehind = reader.millisBehindLatest(piece);
            out.writeNumberField("MillisBehindLatest", ended ? 0 : millisBehind);
            counted.getRecords(shard.id(), bytes, records, millisBehind, tookNanos);
        }

        private String iterator() {
            StreamState state = stream.state();
            return new ShardIteratorToken(
                            state.name(),
                            state.id(),
                            shard.id(),
                            piece.nextOffset(),
                            clock.instant())
                    .encode(streams.tokenKey());
        }

        /** Reads the next piece, if there is one that the answer has room for. */
        private boolean next() {
            boolean more =
                    !piece.entries().isEmpty()
                            && piece.nextOffset() < piece.endOffset()
                            && records < recordsMax
                            && bytes < BYTES_MAX;
            if (!more) {
                return false;
            }
            Batch following;
            try {
                following = read(piece.nextOffset());
            } catch (UnavailableException | AwsException e) {
                log.debug("An answer of GetRecords ends early: {}", e.toString());
                return false;
            }
            // A record that is larger than the rest comes alone: it is for the next call.
            if (following.entries().isEmpty() || bytes + following.bytes() > BYTES_MAX) {
                return false;
            }
            return take(following);
        }

        private Batch read(long offset) {
            long started = traffic.nanoTime();
            Batch read =
                    reader.read(
                            stream.state(),
                            shard,
                            offset,
                            Math.min(pieceRecords(), recordsMax - records),
                            (int) Math.min(pieceBytes(), BYTES_MAX - bytes),
                            Duration.ZERO);
            tookNanos += traffic.nanoTime() - started;
            return read;
        }

        /**
         * Goes on with this piece, unless clients that read slowly have the others of the memory.
         */
        private boolean take(Batch next) {
            if (!budget.tryAcquire(next.heldBytes())) {
                return false;
            }
            budget.release(held);
            held = next.heldBytes();
            piece = next.cutOut();
            bytes += next.bytes();
            records += next.entries().size();
            if (stream.state().settings().limits() == LimitsProfile.KINESIS) {
                limits.gave(stream.state().id(), shard.id(), next.bytes());
            }
            return true;
        }
    }

    private void checkLimit(StreamTraffic counted, StreamView stream, Shard shard) {
        if (!limits.tryRead(stream.state().id(), shard.id())) {
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
