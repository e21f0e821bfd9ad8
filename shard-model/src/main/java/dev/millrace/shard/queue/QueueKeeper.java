/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.QueueId;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import dev.millrace.shard.queue.QueueReply.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The mind of the one keeper of some queues. It reacts to asks, to what was found in shards and to
 * time with {@link Turn}s; its driver commits a turn's records and replies together, then takes the
 * looks and feeds their outcomes back. What a turn says is true for the keeper at once: if it
 * cannot be committed this object is dropped. All that it holds beside the replayed records (who
 * waits, what it has seen ahead) may be lost at any time.
 *
 * <p>Not thread-safe: one thread drives it.
 */
public final class QueueKeeper {

    /** How many receivers may wait, of all queues. */
    static final int WAITING_MAX = 10_000;

    /** How many records of a queue may be received and not settled, dead letters among them. */
    public static final int UNSETTLED_MAX = 120_000;

    /** About how many records of a queue are known ahead, shared by the shards of its stream. */
    private static final int AHEAD_MAX = 20_000;

    private static final int AHEAD_OF_SHARD_MAX = 500;
    private static final int AHEAD_MIN = 10;

    private static final int ANSWERED_MAX = 10_000;
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);

    private final int unsettledMax;
    private final int totalMax;
    private final Map<QueueId, Kept> queues = new HashMap<>();
    private final LinkedHashSet<String> answered = new LinkedHashSet<>();
    private int waiting;
    private int unsettled;
    private Instant lastSweep = Instant.MIN;
    private Draft draft = new Draft();

    /**
     * @param totalMax how many records of all queues together may be received and not settled
     */
    public QueueKeeper(int totalMax) {
        this(UNSETTLED_MAX, totalMax);
    }

    QueueKeeper(int unsettledMax, int totalMax) {
        this.unsettledMax = unsettledMax;
        this.totalMax = totalMax;
    }

    /** One queue. */
    private static final class Kept {
        private final QueueProgress progress = new QueueProgress();
        private final Map<ShardId, ReadAhead> ahead = new TreeMap<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private Optional<Instant> missingSince = Optional.empty();
        private Instant usedAt = Instant.MIN;

        /** Up to when, and by which bound, those that came back were looked through. */
        private Instant buriedUntil = Instant.MIN;

        private Optional<Integer> buriedBy = Optional.empty();

        /** The shard that gives the next new record: each has its turn. */
        private ShardId turn = new ShardId(0);
    }

    private record Waiting(QueueAsk.Receive ask, Instant until) {}

    /** What a turn is made of until it is given out. */
    private static final class Draft {
        private final List<QueueRecord> records = new ArrayList<>();
        private final List<QueueReply> replies = new ArrayList<>();
        private final List<ShardLook> looks = new ArrayList<>();
    }

    /** A record of the log, before the first input. */
    public void replay(QueueRecord record) {
        apply(kept(record.queue()), record);
    }

    /**
     * An ask, which may be one of the same id anew: a receiver does not know whether the keeper
     * that it asked is still one.
     */
    public Turn ask(QueueAsk ask, ShardMap map, Instant now) {
        switch (ask) {
            case QueueAsk.Receive receive -> receive(receive, now);
            case QueueAsk.Settle settle -> settle(settle, now);
        }
        serve(ask.queue(), map, now);
        return turn();
    }

    /** The outcome of a look. */
    public Turn found(ShardLook look, Found found, ShardMap map, Instant now) {
        Optional<ReadAhead> ahead = aheadOf(look);
        if (ahead.isPresent()) {
            ahead.get().found(found);
            serve(look.queue(), map, now);
        }
        return turn();
    }

    /** A look failed; another one follows after a while. */
    public void notFound(ShardLook look, Instant now) {
        aheadOf(look).ifPresent(ahead -> ahead.failed(now));
    }

    /** Time passed. */
    public Turn tick(ShardMap map, Instant now) {
        List<QueueId> busy =
                queues.entrySet().stream()
                        .filter(queue -> !queue.getValue().waiting.isEmpty())
                        .map(Map.Entry::getKey)
                        .toList();
        busy.forEach(queue -> serve(queue, map, now));
        if (lastSweep.equals(Instant.MIN) || !lastSweep.plus(SWEEP_EVERY).isAfter(now)) {
            lastSweep = now;
            List.copyOf(queues.keySet()).forEach(queue -> sweep(queue, map, now));
        }
        return turn();
    }

    /**
     * How the queues stand that are kept here. Takes its time: it looks at each record in flight.
     */
    public List<QueueStanding> standings(ShardMap map, Instant now) {
        List<QueueStanding> standings = new ArrayList<>();
        queues.forEach((id, kept) ->
                map.queue(id)
                        .ifPresent(queue -> standings.add(kept.progress.standing(queue, now))));
        return standings;
    }

    private Turn turn() {
        Turn turn = new Turn(draft.records, draft.replies, draft.looks);
        draft = new Draft();
        return turn;
    }

    private Kept kept(QueueId queue) {
        return queues.computeIfAbsent(queue, _ -> new Kept());
    }

    private Optional<ReadAhead> aheadOf(ShardLook look) {
        return Optional.ofNullable(queues.get(look.queue()))
                .map(kept -> kept.ahead.get(look.shard()));
    }

    private void write(Kept kept, QueueRecord record) {
        apply(kept, record);
        draft.records.add(record);
    }

    private void apply(Kept kept, QueueRecord record) {
        int before = kept.progress.size();
        kept.progress.replay(record);
        unsettled += kept.progress.size() - before;
    }

    /** Whether a queue can have no more new records in flight, beside some that are chosen. */
    private boolean isFull(Kept kept, int chosen) {
        return kept.progress.size() + chosen >= unsettledMax || unsettled + chosen >= totalMax;
    }

    // --- receiving

    private void receive(QueueAsk.Receive ask, Instant now) {
        Kept kept = kept(ask.queue());
        boolean known =
                answered.contains(ask.id())
                        || kept.waiting.stream()
                                .anyMatch(receiver -> receiver.ask().id().equals(ask.id()));
        if (known) {
            return;
        }
        if (waiting >= WAITING_MAX) {
            draft.replies.add(
                    new QueueReply.Refused(ask.gateway(), ask.id(), QueueReply.Reason.BUSY));
            return;
        }
        kept.waiting.add(new Waiting(ask, now.plusMillis(ask.waitMillis())));
        waiting++;
        kept.usedAt = now;
    }

    /** Gives those who wait what there is, in the order in which they came. */
    private void serve(QueueId id, ShardMap map, Instant now) {
        Kept kept = queues.get(id);
        if (kept == null || kept.waiting.isEmpty()) {
            return;
        }
        Optional<QueueDefinition> queue = map.queue(id);
        queue.ifPresent(definition -> bury(definition, kept, now));
        Optional<StreamView> stream = queue.flatMap(definition -> streamOf(definition, map));
        Iterator<Waiting> receivers = kept.waiting.iterator();
        while (receivers.hasNext()) {
            Waiting receiver = receivers.next();
            List<QueueReply.Handed> handed =
                    queue.isPresent() && stream.isPresent()
                            ? hand(queue.get(), stream.get(), kept, receiver.ask(), now)
                            : List.of();
            if (!handed.isEmpty() || !receiver.until().isAfter(now)) {
                draft.replies.add(reply(kept, receiver.ask(), handed));
                answered(receiver.ask().id());
                receivers.remove();
                waiting--;
            }
        }
        boolean more = kept.waiting.stream().anyMatch(receiver -> !receiver.ask().dead());
        if (more && stream.isPresent() && !isFull(kept, 0)) {
            look(queue.orElseThrow(), stream.get(), kept, now);
        }
    }

    /** Who asked may do so again before it hears of the reply. */
    private void answered(String askId) {
        answered.add(askId);
        if (answered.size() > ANSWERED_MAX) {
            answered.removeFirst();
        }
    }

    private static Optional<StreamView> streamOf(QueueDefinition queue, ShardMap map) {
        return map.stream(queue.stream())
                .filter(stream -> stream.state().id().equals(queue.streamId()));
    }

    private QueueReply reply(Kept kept, QueueAsk.Receive ask, List<QueueReply.Handed> handed) {
        boolean full = handed.isEmpty() && !ask.dead() && isFull(kept, 0);
        return full
                ? new QueueReply.Refused(ask.gateway(), ask.id(), QueueReply.Reason.FULL)
                : new QueueReply.Received(ask.gateway(), ask.id(), handed);
    }

    /** Those that come back once too often are dead letters from now on. */
    private void bury(QueueDefinition queue, Kept kept, Instant now) {
        boolean anew = !kept.buriedBy.equals(queue.maxReceiveCount());
        Instant from = anew ? Instant.MIN : kept.buriedUntil;
        kept.buriedBy = queue.maxReceiveCount();
        kept.buriedUntil = now;
        for (Place place : kept.progress.visibleSince(from, now)) {
            Delivery delivery = kept.progress.delivery(place).orElseThrow();
            if (queue.isDeadAfter(delivery.receiveCount())) {
                write(kept, new QueueRecord.DeliveryPut(queue.id(), place, delivery.buried()));
            }
        }
    }

    private List<QueueReply.Handed> hand(
            QueueDefinition queue,
            StreamView stream,
            Kept kept,
            QueueAsk.Receive ask,
            Instant now) {
        Instant until = now.plusSeconds(ask.visibilitySeconds().orElse(queue.visibilitySeconds()));
        Basket basket = new Basket(ask.recordsMax(), ask.bytesMax());
        // Found first and written then: one that is visible at once must not be taken twice.
        for (Place place : kept.progress.visible(ask.dead(), now, ask.recordsMax())) {
            Delivery delivery = kept.progress.delivery(place).orElseThrow();
            if (!basket.add(place, delivery.bytes(), delivery.again(until))) {
                break;
            }
        }
        if (!ask.dead()) {
            addNew(stream, kept, basket, now, until);
        }
        List<QueueReply.Handed> handed = new ArrayList<>();
        basket.cursors.forEach(
                (shard, next) -> write(kept, new QueueRecord.CursorPut(queue.id(), shard, next)));
        basket.chosen.forEach((place, delivery) -> {
            write(kept, new QueueRecord.DeliveryPut(queue.id(), place, delivery));
            handed.add(
                    new QueueReply.Handed(
                            place,
                            delivery.handout(),
                            delivery.receiveCount(),
                            delivery.firstReceivedAt()));
        });
        return handed;
    }

    /** What one receiver gets. */
    private static final class Basket {
        private final Map<Place, Delivery> chosen = new LinkedHashMap<>();
        private final Map<ShardId, Long> cursors = new TreeMap<>();
        private final int recordsMax;
        private long bytesLeft;

        Basket(int recordsMax, int bytesMax) {
            this.recordsMax = recordsMax;
            this.bytesLeft = bytesMax;
        }

        boolean add(Place place, int bytes, Delivery delivery) {
            boolean fits = chosen.size() < recordsMax && (chosen.isEmpty() || bytes <= bytesLeft);
            if (fits) {
                chosen.put(place, delivery);
                bytesLeft -= bytes;
            }
            return fits;
        }
    }

    /** Records that nobody has received, from one shard after the other. */
    private void addNew(StreamView stream, Kept kept, Basket basket, Instant now, Instant until) {
        List<Map.Entry<ShardId, ReadAhead>> shards = List.copyOf(kept.ahead.entrySet());
        int at = 0;
        while (at < shards.size() && shards.get(at).getKey().compareTo(kept.turn) < 0) {
            at++;
        }
        for (int idle = 0; idle < shards.size(); at++) {
            ShardId shard = shards.get(at % shards.size()).getKey();
            ReadAhead ahead = shards.get(at % shards.size()).getValue();
            Optional<Found.Item> record = next(stream, shard, ahead);
            if (record.isEmpty() || isFull(kept, basket.chosen.size())) {
                idle++;
                continue;
            }
            Place place = new Place(shard, record.get().offset());
            Delivery delivery = Delivery.first(record.get(), now, until);
            if (!basket.add(place, record.get().bytes(), delivery)) {
                kept.turn = shard;
                return;
            }
            idle = 0;
            basket.cursors.put(shard, place.offset() + 1);
            ahead.take();
        }
    }

    /** The next new record of a shard; what lies behind the end of a closed one is none. */
    private static Optional<Found.Item> next(StreamView stream, ShardId id, ReadAhead ahead) {
        return stream.shard(id)
                .flatMap(shard ->
                        ahead.peek().filter(record -> !isBehindEnd(shard, record.offset())));
    }

    private static boolean isBehindEnd(Shard shard, long offset) {
        return shard.phase() instanceof Shard.Closed(var end, _) && offset >= end;
    }

    private void look(QueueDefinition queue, StreamView stream, Kept kept, Instant now) {
        int recordsMax =
                Math.clamp(
                        AHEAD_MAX / Math.max(1, stream.shardCount()),
                        AHEAD_MIN,
                        AHEAD_OF_SHARD_MAX);
        for (Shard shard : stream.shards()) {
            OptionalLong start = queue.start().in(shard);
            if (start.isEmpty()) {
                continue;
            }
            ReadAhead ahead =
                    kept.ahead.computeIfAbsent(
                            shard.id(), id -> new ReadAhead(first(kept, id, start.getAsLong())));
            Optional<Long> from = ahead.toLook(recordsMax / 2, now);
            if (from.isPresent() && !isBehindEnd(shard, from.get())) {
                ahead.looking();
                draft.looks.add(
                        new ShardLook(
                                queue.id(),
                                queue.stream(),
                                queue.streamId(),
                                shard.id(),
                                from.get(),
                                recordsMax));
            }
        }
    }

    private static long first(Kept kept, ShardId shard, long start) {
        return Math.max(start, kept.progress.cursor(shard).orElse(0));
    }

    // --- settling

    private void settle(QueueAsk.Settle ask, Instant now) {
        Kept kept = kept(ask.queue());
        List<Outcome> outcomes =
                ask.entries().stream().map(entry -> settle(kept, ask, entry, now)).toList();
        draft.replies.add(new QueueReply.Settled(ask.gateway(), ask.id(), outcomes));
    }

    private Outcome settle(Kept kept, QueueAsk.Settle ask, QueueAsk.Entry entry, Instant now) {
        Optional<Delivery> found = kept.progress.delivery(entry.place());
        if (found.isEmpty()) {
            // A client that did not hear that it was done asks again.
            return ask.change() == QueueAsk.Change.ACKNOWLEDGE ? Outcome.DONE : Outcome.SETTLED;
        }
        Delivery delivery = found.get();
        if (delivery.handout() != entry.handout()) {
            return Outcome.RECEIVED_AGAIN;
        }
        if (delivery.dead() != ask.dead()) {
            return delivery.dead() ? Outcome.IS_DEAD : Outcome.IS_NOT_DEAD;
        }
        if (ask.change() == QueueAsk.Change.VISIBILITY && delivery.isVisible(now)) {
            return Outcome.NOT_IN_FLIGHT;
        }
        write(kept, settled(ask, entry, delivery, now));
        return Outcome.DONE;
    }

    private static QueueRecord settled(
            QueueAsk.Settle ask, QueueAsk.Entry entry, Delivery delivery, Instant now) {
        return switch (ask.change()) {
            case ACKNOWLEDGE -> new QueueRecord.DeliveryGone(ask.queue(), entry.place());
            case RESTORE ->
                    new QueueRecord.DeliveryPut(ask.queue(), entry.place(), delivery.restored(now));
            case VISIBILITY ->
                    new QueueRecord.DeliveryPut(
                            ask.queue(),
                            entry.place(),
                            delivery.visibleFrom(now.plusSeconds(entry.visibilitySeconds())));
        };
    }

    // --- sweeping

    /** Forgets what has expired, and a queue that is no more. */
    private void sweep(QueueId id, ShardMap map, Instant now) {
        Kept kept = kept(id);
        Optional<QueueDefinition> queue = map.queue(id);
        Optional<StreamView> stream = queue.flatMap(definition -> streamOf(definition, map));
        if (kept.waiting.isEmpty() && !kept.usedAt.plus(SWEEP_EVERY).isAfter(now)) {
            kept.ahead.clear();
        }
        if (stream.isPresent()) {
            kept.missingSince = Optional.empty();
            Duration retention = Duration.ofHours(stream.get().state().settings().retentionHours());
            forget(id, kept, stream.get(), now.minus(retention));
            return;
        }
        // A map that lags behind may not have it yet; only one that is missing for long is gone.
        Instant since = kept.missingSince.orElse(now);
        kept.missingSince = Optional.of(since);
        if (since.plus(SWEEP_EVERY).isAfter(now)) {
            return;
        }
        forgetAll(id, kept);
        if (kept.waiting.isEmpty()) {
            queues.remove(id);
        }
    }

    private void forget(QueueId id, Kept kept, StreamView stream, Instant expired) {
        List<Place> places = new ArrayList<>();
        kept.progress.forEach((place, delivery) -> {
            boolean gone =
                    stream.shard(place.shard())
                            .map(shard -> isBehindEnd(shard, place.offset()))
                            .orElse(true);
            if (gone || delivery.arrivedAt().isBefore(expired)) {
                places.add(place);
            }
        });
        places.forEach(place -> write(kept, new QueueRecord.DeliveryGone(id, place)));
        List<ShardId> shards =
                kept.progress.shards().stream()
                        .filter(shard -> stream.shard(shard).isEmpty())
                        .toList();
        shards.forEach(shard -> write(kept, new QueueRecord.CursorGone(id, shard)));
        kept.ahead.keySet().removeIf(shard -> stream.shard(shard).isEmpty());
    }

    private void forgetAll(QueueId id, Kept kept) {
        List<Place> places = new ArrayList<>();
        kept.progress.forEach((place, _) -> places.add(place));
        places.forEach(place -> write(kept, new QueueRecord.DeliveryGone(id, place)));
        List.copyOf(kept.progress.shards())
                .forEach(shard -> write(kept, new QueueRecord.CursorGone(id, shard)));
    }
}
