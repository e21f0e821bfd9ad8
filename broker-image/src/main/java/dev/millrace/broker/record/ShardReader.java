/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Reads shards: finds places in them, and gives their records, none that is past retention. */
public final class ShardReader {

    private final Streams streams;
    private final RecordLog log;
    private final StoredRecords records;
    private final RecordEncryption encryption;
    private final InstantSource clock;

    public ShardReader(
            Streams streams, RecordLog log, RecordEncryption encryption, InstantSource clock) {
        this.streams = streams;
        this.log = log;
        this.records = new StoredRecords(log, clock);
        this.encryption = encryption;
        this.clock = clock;
    }

    /**
     * The shard that a request names.
     *
     * @throws AwsException if the stream has no such shard
     */
    public Shard find(StreamView stream, String id) {
        StreamName name = stream.state().name();
        return stream.shard(streams.shardId(id, name))
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "Shard %s in stream %s under account %s does not exist"
                                        .formatted(id, name, streams.account().id())));
    }

    /**
     * The offset that a reader begins at.
     *
     * @param operation who asks, for messages
     * @throws AwsException if the position is none of this shard
     */
    public long offsetOf(
            StreamView stream, Shard shard, StartingPosition position, String operation) {
        return switch (position.type()) {
            case TRIM_HORIZON -> shard.firstOffset();
            case LATEST -> end(stream, shard);
            case AT_SEQUENCE_NUMBER ->
                    Math.max(
                            shard.firstOffset(),
                            at(stream, shard, position.number().orElseThrow(), operation));
            case AFTER_SEQUENCE_NUMBER ->
                    at(stream, shard, position.number().orElseThrow(), operation) + 1;
            case AT_TIMESTAMP -> atTime(stream, shard, position.time().orElseThrow());
        };
    }

    /**
     * Records from an offset on, decrypted.
     *
     * @param wait how long to wait for a record where there is none yet
     * @return what there is; its {@code nextOffset} is at the end of a closed shard when all of it
     *     was read
     */
    public Batch read(
            StreamState stream,
            Shard shard,
            long offset,
            int recordsMax,
            int bytesMax,
            Duration wait) {
        return encryption.open(
                stream.id(), records.read(stream, shard, offset, recordsMax, bytesMax, wait));
    }

    /** Whether a reader at this offset has read all that there is and will be. */
    public static boolean isAtEnd(Shard shard, long offset) {
        return StoredRecords.endOf(shard).filter(end -> offset >= end).isPresent();
    }

    /** How old the last record of a batch is, if there are more behind it; 0 at the tip. */
    public long millisBehindLatest(Batch batch) {
        if (batch.nextOffset() >= batch.endOffset() || batch.entries().isEmpty()) {
            return 0;
        }
        return Math.max(0, clock.millis() - batch.entries().getLast().timestampMillis());
    }

    /** The offset of a sequence number, which must be of this shard and have been given out. */
    private long at(StreamView stream, Shard shard, String text, String operation) {
        SequenceNumber number;
        try {
            number = SequenceNumber.parse(text);
        } catch (IllegalArgumentException _) {
            throw invalidNumber(stream, shard, text, operation, "is invalid.");
        }
        if (!number.shard().equals(shard.id())) {
            throw AwsException.invalidArgument(
                    ("Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to"
                                    + " a shard with %s")
                            .formatted(number.shard(), shard.id()));
        }
        boolean known =
                number.compareTo(shard.startingSequenceNumber()) >= 0
                        && number.offset() <= end(stream, shard);
        if (!known) {
            throw invalidNumber(
                    stream,
                    shard,
                    text,
                    operation,
                    "is invalid because it did not come from this stream.");
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
        long found = log.offsetForTime(StoredRecords.partition(stream.state(), shard), time);
        return Math.clamp(
                found, shard.firstOffset(), Math.max(shard.firstOffset(), end(stream, shard)));
    }

    private long end(StreamView stream, Shard shard) {
        return StoredRecords.endOf(shard)
                .orElseGet(() -> log.endOffset(StoredRecords.partition(stream.state(), shard)));
    }

    private AwsException invalidNumber(
            StreamView stream, Shard shard, String number, String operation, String problem) {
        return AwsException.invalidArgument(
                "StartingSequenceNumber %s used in %s on shard %s in stream %s under account %s %s"
                        .formatted(
                                number,
                                operation,
                                shard.id(),
                                stream.state().name(),
                                streams.account().id(),
                                problem));
    }
}
