/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the place in a shard to read from. */
public final class GetShardIterator implements Action {

    private enum Type {
        AFTER_SEQUENCE_NUMBER,
        LATEST,
        AT_TIMESTAMP,
        AT_SEQUENCE_NUMBER,
        TRIM_HORIZON
    }

    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");
    private static final Pattern SEQUENCE_NUMBER = Pattern.compile("0|([1-9]\\d{0,128})");

    private final Streams streams;
    private final RecordLog log;
    private final InstantSource clock;

    public GetShardIterator(Streams streams, RecordLog log, InstantSource clock) {
        this.streams = streams;
        this.log = log;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<String> shardId = input.string("ShardId");
        Optional<String> type = input.string("ShardIteratorType");
        Optional<String> number = input.string("StartingSequenceNumber");
        Optional<Instant> time = input.timestamp("Timestamp");
        violations
                .required("shardId", shardId)
                .length("shardId", shardId, 1, 128)
                .pattern("shardId", shardId, SHARD_ID)
                .required("shardIteratorType", type)
                .oneOf("shardIteratorType", type, Type.values())
                .pattern("startingSequenceNumber", number, SEQUENCE_NUMBER)
                .check();
        StreamView stream = streams.findUsable(reference);
        Shard shard = shard(stream, shardId.orElseThrow());
        long offset = offset(stream, shard, Type.valueOf(type.orElseThrow()), number, time);
        DryRun.end(input);
        StreamState state = stream.state();
        ShardIteratorToken token =
                new ShardIteratorToken(
                        state.name(), state.id(), shard.id(), offset, clock.instant());
        String text = token.encode(streams.tokenKey());
        return (out, _) -> out.writeStringField("ShardIterator", text);
    }

    private Shard shard(StreamView stream, String id) {
        StreamName name = stream.state().name();
        return stream.shard(streams.shardId(id, name))
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "Shard %s in stream %s under account %s does not exist"
                                        .formatted(id, name, streams.account().id())));
    }

    private long offset(
            StreamView stream,
            Shard shard,
            Type type,
            Optional<String> number,
            Optional<Instant> time) {
        checkCombination(type, number, time);
        return switch (type) {
            case TRIM_HORIZON -> shard.firstOffset();
            case LATEST -> end(stream, shard);
            case AT_SEQUENCE_NUMBER -> at(stream, shard, number.orElseThrow());
            case AFTER_SEQUENCE_NUMBER -> at(stream, shard, number.orElseThrow()) + 1;
            case AT_TIMESTAMP -> atTime(stream, shard, time.orElseThrow());
        };
    }

    private static void checkCombination(
            Type type, Optional<String> number, Optional<Instant> time) {
        boolean wantsNumber = type == Type.AT_SEQUENCE_NUMBER || type == Type.AFTER_SEQUENCE_NUMBER;
        if (wantsNumber != number.isPresent()) {
            throw AwsException.invalidArgument(
                    ("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and"
                                    + " StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no"
                                    + " StartingSequenceNumber. Request specified %s and %s"
                                    + " StartingSequenceNumber.")
                            .formatted(type, number.isPresent() ? "also a" : "no"));
        }
        if (type == Type.AT_TIMESTAMP && time.isEmpty()) {
            throw AwsException.invalidArgument(
                    "Must specify timestamp parameter for iterator of type AT_TIMESTAMP.");
        }
    }

    /** The offset of a sequence number, which must be of this shard and have been given out. */
    private long at(StreamView stream, Shard shard, String text) {
        SequenceNumber number;
        try {
            number = SequenceNumber.parse(text);
        } catch (IllegalArgumentException _) {
            throw invalidNumber(stream, shard, text, "is invalid.");
        }
        if (!number.shard().equals(shard.id())) {
            throw AwsException.invalidArgument(
                    ("Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to"
                                    + " a shard with %s")
                            .formatted(number.shard(), shard.id()));
        }
        boolean known =
                number.offset() >= shard.firstOffset() && number.offset() <= end(stream, shard);
        if (!known) {
            throw invalidNumber(
                    stream, shard, text, "is invalid because it did not come from this stream.");
        }
        return number.offset();
    }

    private long atTime(StreamView stream, Shard shard, Instant time) {
        if (time.isAfter(clock.instant())) {
            throw AwsException.invalidArgument(
                    ("The timestampInMillis parameter cannot be greater than the"
                                    + " currentTimestampInMillis. timestampInMillis: %d,"
                                    + " currentTimestampInMillis: %d")
                            .formatted(time.toEpochMilli(), clock.instant().toEpochMilli()));
        }
        long found = log.offsetForTime(partition(stream, shard), time);
        return Math.clamp(
                found, shard.firstOffset(), Math.max(shard.firstOffset(), end(stream, shard)));
    }

    private long end(StreamView stream, Shard shard) {
        return shard.phase() instanceof Shard.Closed closed
                ? closed.endOffset()
                : log.endOffset(partition(stream, shard));
    }

    private static Partition partition(StreamView stream, Shard shard) {
        return new Partition(stream.state().topic(), shard.partition());
    }

    private AwsException invalidNumber(
            StreamView stream, Shard shard, String number, String problem) {
        return AwsException.invalidArgument(
                ("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under"
                                + " account %s %s")
                        .formatted(
                                number,
                                shard.id(),
                                stream.state().name(),
                                streams.account().id(),
                                problem));
    }
}
