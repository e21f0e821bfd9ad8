/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.record.ShardReader;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.StreamView;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueReply;
import dev.millrace.shard.queue.QueueReply.Handed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Receives records of a queue, or its dead letters: the keeper says which, and their bytes are read
 * from the stream.
 */
public final class Receiving {

    private static final int RECORDS_MAX = 10;
    private static final int WAIT_SECONDS_MAX = 20;
    private static final int WAIT_SECONDS_DEFAULT = 9;

    /** As much as an answer of GetRecords; a record is never larger. */
    private static final int BYTES_MAX = 10 * 1024 * 1024;

    private final Queues queues;
    private final ShardReader reader;

    public Receiving(Queues queues, ShardReader reader) {
        this.queues = queues;
        this.reader = reader;
    }

    private record Received(Handed handed, Entry entry) {}

    private record Wish(int recordsMax, Optional<Integer> visibilitySeconds) {}

    Answer receive(Call call, boolean dead) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<String> arn = Queues.arn(input, violations);
        Optional<Long> limit = input.integer("Limit");
        Optional<Long> wait = input.integer("WaitTimeSeconds");
        Optional<Long> visibility = input.integer("VisibilityTimeoutSeconds");
        violations
                .inRange("limit", limit, 1, RECORDS_MAX)
                .inRange("waitTimeSeconds", wait, 1, WAIT_SECONDS_MAX)
                .inRange(
                        "visibilityTimeoutSeconds",
                        visibility,
                        0,
                        QueueDefinition.VISIBILITY_SECONDS_MAX)
                .check();
        QueueDefinition queue = queues.find(arn);
        Wish wish =
                new Wish(
                        limit.map(Long::intValue).orElse(RECORDS_MAX),
                        visibility.map(Long::intValue));
        long until =
                System.nanoTime()
                        + Duration.ofSeconds(wait.orElse((long) WAIT_SECONDS_DEFAULT)).toNanos();
        while (true) {
            Duration left = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
            List<Handed> handed = ask(queue, dead, wish, left);
            List<Received> received = read(queue, dead, handed);
            // What has just expired is passed over, and the rest of the time is waited for more.
            if (!received.isEmpty() || handed.isEmpty()) {
                queues.find(queue.id());
                if (!dead) {
                    count(queue, received);
                }
                return (out, protocol) -> write(out, protocol, queue, received);
            }
        }
    }

    private void count(QueueDefinition queue, List<Received> received) {
        queues.traffic().add(queue.id(), QueueMetric.RECEIVE_SUCCESS, 1);
        queues.traffic().add(queue.id(), QueueMetric.RECEIVE_RECORDS, received.size());
        queues.traffic()
                .add(
                        queue.id(),
                        QueueMetric.RECEIVE_BYTES,
                        received.stream().mapToLong(one -> one.entry().size()).sum());
    }

    private List<Handed> ask(QueueDefinition queue, boolean dead, Wish wish, Duration wait)
            throws InterruptedException {
        QueueReply reply =
                queues.ask(
                        (id, left) ->
                                new QueueAsk.Receive(
                                        queues.keepersGateway(),
                                        id,
                                        queue.id(),
                                        dead,
                                        wish.recordsMax(),
                                        BYTES_MAX,
                                        left.toMillis(),
                                        wish.visibilitySeconds()),
                        wait);
        return switch (reply) {
            case QueueReply.Received received -> received.records();
            case QueueReply.Refused(_, _, var reason) -> {
                queues.traffic().add(queue.id(), QueueMetric.RECEIVE_THROTTLED, 1);
                throw refused(queue, reason);
            }
            case QueueReply.Settled _ ->
                    throw new IllegalStateException("Nothing was to be settled");
        };
    }

    private static AwsException refused(QueueDefinition queue, QueueReply.Reason reason) {
        return new AwsException(
                ErrorCode.THROTTLING,
                switch (reason) {
                    case FULL ->
                            "Queue %s has as many records in flight and dead letters as it can have. Acknowledge some."
                                    .formatted(queue.name());
                    case BUSY -> "Too many receivers wait. Try again later.";
                });
    }

    private List<Received> read(QueueDefinition queue, boolean dead, List<Handed> handed)
            throws InterruptedException {
        Map<ShardId, TreeMap<Long, Handed>> wanted = new TreeMap<>();
        handed.forEach(one ->
                wanted.computeIfAbsent(one.place().shard(), _ -> new TreeMap<>())
                        .put(one.place().offset(), one));
        StreamView stream = queues.streams().findUsable(queue.stream());
        List<Received> received = new ArrayList<>();
        List<QueueAsk.Entry> gone = new ArrayList<>();
        wanted.forEach((shard, ofShard) -> {
            Optional<Shard> found = stream.shard(shard);
            List<Handed> missing =
                    found.isPresent()
                            ? read(stream, found.get(), ofShard, received)
                            : List.copyOf(ofShard.values());
            missing.forEach(one -> gone.add(new QueueAsk.Entry(one.place(), one.handout(), 0)));
        });
        if (!gone.isEmpty()) {
            queues.ask(
                    (id, _) ->
                            new QueueAsk.Settle(
                                    queues.keepersGateway(),
                                    id,
                                    queue.id(),
                                    dead,
                                    QueueAsk.Change.ACKNOWLEDGE,
                                    gone),
                    Duration.ZERO);
        }
        return received;
    }

    /**
     * Reads what is wanted of one shard.
     *
     * @return what is not there any more
     */
    private List<Handed> read(
            StreamView stream, Shard shard, TreeMap<Long, Handed> wanted, List<Received> received) {
        List<Handed> gone = new ArrayList<>();
        while (!wanted.isEmpty()) {
            long from = wanted.firstKey();
            Batch batch =
                    reader.read(
                            stream.state(), shard, from, wanted.size(), BYTES_MAX, Duration.ZERO);
            for (Entry entry : batch.entries()) {
                Handed one = wanted.remove(entry.offset());
                if (one != null) {
                    received.add(new Received(one, entry));
                }
            }
            boolean ended = ShardReader.isAtEnd(shard, batch.nextOffset());
            Map<Long, Handed> passed = ended ? wanted : wanted.headMap(batch.nextOffset(), false);
            gone.addAll(passed.values());
            passed.clear();
            if (batch.nextOffset() <= from) {
                // Not to be had for now: these stay in flight until their time is over.
                return gone;
            }
        }
        return gone;
    }

    private void write(
            JsonGenerator out, Protocol protocol, QueueDefinition queue, List<Received> received)
            throws IOException {
        byte[] key = queues.streams().tokenKey();
        out.writeArrayFieldStart("QueueRecords");
        for (Received one : received) {
            Handed handed = one.handed();
            out.writeStartObject();
            out.writeStringField(
                    "ReceiptHandle",
                    new ReceiptHandle(queue.id(), handed.place(), handed.handout()).encode(key));
            out.writeStringField(
                    "RecordId",
                    new SequenceNumber(handed.place().shard(), handed.place().offset()).toString());
            if (one.entry().utf8Key().hasRemaining()) {
                out.writeFieldName("PartitionKey");
                protocol.writeText(out, one.entry().utf8Key());
            }
            out.writeFieldName("Data");
            protocol.writeBlob(out, one.entry().data());
            out.writeFieldName("ApproximateArrivalTimestamp");
            protocol.writeTimestamp(out, one.entry().timestampMillis());
            out.writeFieldName("FirstReceiveTimestamp");
            protocol.writeTimestamp(out, handed.firstReceivedAt());
            out.writeNumberField("ReceiveCount", handed.receiveCount());
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}
