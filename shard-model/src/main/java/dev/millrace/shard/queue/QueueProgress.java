/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.QueueDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * How far a queue is: what was received at least once, and what of that is not settled. It changes
 * by replayed records only. For one thread.
 */
final class QueueProgress {

    private static final Comparator<Due> ORDER =
            Comparator.comparing(Due::at).thenComparing(Due::place);

    private final Map<ShardId, Long> cursors = new HashMap<>();
    private final Map<Place, Delivery> deliveries = new HashMap<>();
    // The same, by when they are visible.
    private final TreeSet<Due> alive = new TreeSet<>(ORDER);
    private final TreeSet<Due> dead = new TreeSet<>(ORDER);

    private record Due(Instant at, Place place) {}

    void replay(QueueRecord record) {
        switch (record) {
            case QueueRecord.CursorPut(_, var shard, var next) -> cursors.put(shard, next);
            case QueueRecord.CursorGone(_, var shard) -> cursors.remove(shard);
            case QueueRecord.DeliveryPut(_, var place, var delivery) -> {
                forget(place);
                deliveries.put(place, delivery);
                (delivery.dead() ? dead : alive).add(new Due(delivery.visibleAt(), place));
            }
            case QueueRecord.DeliveryGone(_, var place) -> forget(place);
        }
    }

    private void forget(Place place) {
        Delivery old = deliveries.remove(place);
        if (old != null) {
            (old.dead() ? dead : alive).remove(new Due(old.visibleAt(), place));
        }
    }

    Optional<Delivery> delivery(Place place) {
        return Optional.ofNullable(deliveries.get(place));
    }

    /** The first offset that nobody has received, if anything of the shard was. */
    OptionalLong cursor(ShardId shard) {
        Long next = cursors.get(shard);
        return next == null ? OptionalLong.empty() : OptionalLong.of(next);
    }

    Collection<ShardId> shards() {
        return cursors.keySet();
    }

    int size() {
        return deliveries.size();
    }

    boolean isEmpty() {
        return cursors.isEmpty() && deliveries.isEmpty();
    }

    /** The deliveries that are visible, those first that are for longest. */
    List<Place> visible(boolean ofDead, Instant now, int max) {
        List<Place> found = new ArrayList<>();
        for (Due due : ofDead ? dead : alive) {
            if (due.at().isAfter(now) || found.size() >= max) {
                break;
            }
            found.add(due.place());
        }
        return found;
    }

    /** Those that are no dead letters and became visible from one time up to another. */
    List<Place> visibleSince(Instant from, Instant now) {
        Place first = new Place(new ShardId(0), 0);
        return from.isAfter(now)
                ? List.of()
                : alive.subSet(new Due(from, first), true, behindAllAt(now), true).stream()
                        .map(Due::place)
                        .toList();
    }

    private static Due behindAllAt(Instant now) {
        return new Due(now, new Place(new ShardId(ShardId.INDEX_MAX), Long.MAX_VALUE));
    }

    QueueStanding standing(QueueDefinition queue, Instant now) {
        int inFlight = 0;
        int returned = 0;
        int buried = 0;
        Optional<Instant> oldest = Optional.empty();
        for (Delivery delivery : deliveries.values()) {
            boolean isVisible = delivery.isVisible(now);
            // One that came back too often is a dead letter, though nobody has asked since.
            if (delivery.dead() || isVisible && queue.isDeadAfter(delivery.receiveCount())) {
                buried++;
            } else if (isVisible) {
                returned++;
            } else {
                inFlight++;
            }
            if (oldest.isEmpty() || delivery.arrivedAt().isBefore(oldest.get())) {
                oldest = Optional.of(delivery.arrivedAt());
            }
        }
        return new QueueStanding(queue, inFlight, returned, buried, oldest);
    }

    void forEach(BiConsumer<Place, Delivery> each) {
        deliveries.forEach(each);
    }
}
