/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import dev.millrace.table.HiddenColumn;
import io.airlift.slice.Slice;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.Range;
import io.trino.spi.predicate.TupleDomain;
import io.trino.spi.type.DateTimeEncoding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What the conditions of a query say about where its records can lie. Records outside of it need
 * not be read; not all inside fulfil the conditions.
 *
 * @param shards the only shards; all if none
 * @param fromOffset the least offset
 * @param toOffset the largest offset
 * @param fromArrival the earliest arrival, milliseconds since 1970
 * @param toArrival the latest arrival
 * @param fromRowtime the earliest rowtime, milliseconds since 1970; {@link Long#MIN_VALUE} if none
 *     is too early. Other than all else, exactly the rows from here on and before {@code toRowtime}
 *     are given
 * @param toRowtime the first rowtime that is too late; {@link Long#MAX_VALUE} if none is
 */
public record Bounds(
        Optional<List<Long>> shards,
        long fromOffset,
        long toOffset,
        long fromArrival,
        long toArrival,
        long fromRowtime,
        long toRowtime) {

    private static final long MICROS_PER_MILLI = 1_000;

    static final Bounds ALL =
            new Bounds(
                    Optional.empty(),
                    0,
                    Long.MAX_VALUE,
                    0,
                    Long.MAX_VALUE,
                    Long.MIN_VALUE,
                    Long.MAX_VALUE);

    Bounds and(TupleDomain<ColumnHandle> condition) {
        if (condition.isNone()) {
            return new Bounds(Optional.of(List.of()), 0, 0, 0, 0, 0, 0);
        }
        Bounds bounds = this;
        for (Map.Entry<ColumnHandle, Domain> entry :
                condition.getDomains().orElseThrow().entrySet()) {
            Domain domain = entry.getValue();
            if (((StreamColumn) entry.getKey()).hidden() && !domain.getValues().isNone()) {
                bounds = bounds.and(((StreamColumn) entry.getKey()).name(), domain);
            }
        }
        return bounds;
    }

    private Bounds and(String column, Domain domain) {
        Optional<HiddenColumn> hidden = HiddenColumn.named(column);
        if (hidden.isEmpty() || domain.getValues().isAll()) {
            return this;
        }
        Range span = domain.getValues().getRanges().getSpan();
        return switch (hidden.get()) {
            case SHARD_ID -> withShards(domain);
            case SEQUENCE_NUMBER -> withSequenceNumbers(span);
            case OFFSET ->
                    new Bounds(
                            shards,
                            Math.max(fromOffset, low(span, Long.class).orElse(0L)),
                            Math.min(toOffset, high(span, Long.class).orElse(Long.MAX_VALUE)),
                            fromArrival,
                            toArrival,
                            fromRowtime,
                            toRowtime);
            case ARRIVAL_TIME ->
                    new Bounds(
                            shards,
                            fromOffset,
                            toOffset,
                            Math.max(
                                    fromArrival,
                                    low(span, Long.class)
                                            .map(DateTimeEncoding::unpackMillisUtc)
                                            .orElse(0L)),
                            Math.min(
                                    toArrival,
                                    high(span, Long.class)
                                            .map(DateTimeEncoding::unpackMillisUtc)
                                            .orElse(Long.MAX_VALUE)),
                            fromRowtime,
                            toRowtime);
            case ROWTIME -> takesAll(domain) ? withRowtimes(span) : this;
            case PARTITION_KEY, SUBSEQUENCE_NUMBER, DATA -> this;
        };
    }

    private Bounds withShards(Domain domain) {
        if (!domain.getValues().isDiscreteSet()) {
            return this;
        }
        TreeSet<Long> named = new TreeSet<>();
        for (Object name : domain.getValues().getDiscreteSet()) {
            try {
                named.add(ShardId.parse(((Slice) name).toStringUtf8()).index());
            } catch (IllegalArgumentException _) {
                // No shard has this name.
            }
        }
        shards.ifPresent(named::retainAll);
        return new Bounds(
                Optional.of(List.copyOf(named)),
                fromOffset,
                toOffset,
                fromArrival,
                toArrival,
                fromRowtime,
                toRowtime);
    }

    /** Whether a condition on the rowtime is fulfilled by exactly the rows between two times. */
    private static boolean takesAll(Domain rowtime) {
        return rowtime.getValues().getRanges().getRangeCount() == 1;
    }

    /** Whether nothing is left of a condition for the query to check. */
    static boolean isEnforced(ColumnHandle column, Domain domain) {
        return ((StreamColumn) column).name().equals(HiddenColumn.ROWTIME.columnName())
                && ((StreamColumn) column).hidden()
                && !domain.getValues().isNone()
                && takesAll(domain);
    }

    /** A rowtime is of milliseconds; what it is compared with as well, or more exact. */
    private Bounds withRowtimes(Range span) {
        long from =
                low(span, Long.class)
                        .map(micros ->
                                span.isLowInclusive()
                                        ? Math.ceilDiv(micros, MICROS_PER_MILLI)
                                        : Math.floorDiv(micros, MICROS_PER_MILLI) + 1)
                        .orElse(Long.MIN_VALUE);
        long to =
                high(span, Long.class)
                        .map(micros ->
                                span.isHighInclusive()
                                        ? Math.floorDiv(micros, MICROS_PER_MILLI) + 1
                                        : Math.ceilDiv(micros, MICROS_PER_MILLI))
                        .orElse(Long.MAX_VALUE);
        return new Bounds(
                shards,
                fromOffset,
                toOffset,
                fromArrival,
                toArrival,
                Math.max(fromRowtime, from),
                Math.min(toRowtime, to));
    }

    /** Of use where they are of one shard. */
    private Bounds withSequenceNumbers(Range span) {
        Optional<SequenceNumber> low = low(span, Slice.class).flatMap(Bounds::sequenceNumber);
        Optional<SequenceNumber> high = high(span, Slice.class).flatMap(Bounds::sequenceNumber);
        if (low.isEmpty() || high.isEmpty() || !low.get().shard().equals(high.get().shard())) {
            return this;
        }
        long shard = low.get().shard().index();
        return new Bounds(
                Optional.of(
                        shards.filter(only -> !only.contains(shard)).isPresent()
                                ? List.of()
                                : List.of(shard)),
                Math.max(fromOffset, low.get().offset()),
                Math.min(toOffset, high.get().offset()),
                fromArrival,
                toArrival,
                fromRowtime,
                toRowtime);
    }

    private static Optional<SequenceNumber> sequenceNumber(Slice decimal) {
        try {
            return Optional.of(SequenceNumber.parse(decimal.toStringUtf8()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static <T> Optional<T> low(Range span, Class<T> type) {
        return span.getLowValue().map(type::cast);
    }

    private static <T> Optional<T> high(Range span, Class<T> type) {
        return span.getHighValue().map(type::cast);
    }
}
