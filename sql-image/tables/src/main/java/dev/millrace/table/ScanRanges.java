/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import dev.millrace.shard.ShardId;
import java.util.ArrayList;
import java.util.List;

/**
 * Which records of a stream a query reads, exactly. In SQL it is the version of a table: {@code
 * FROM orders FOR VERSION AS OF '0:100-250;3:0-17'} reads the offsets 100 to 249 of the shard 0 and
 * 0 to 16 of the shard 3. {@code 0:100-250@1700000000000} leaves out the rows that happened before
 * that millisecond.
 */
public record ScanRanges(List<ScanRange> ranges) {

    public ScanRanges {
        ranges = List.copyOf(ranges);
    }

    /**
     * @throws IllegalArgumentException if the text is not of that form
     */
    public static ScanRanges parse(String text) {
        List<ScanRange> ranges = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int end = text.indexOf(';', at);
            end = end < 0 ? text.length() : end;
            ranges.add(range(text.substring(at, end)));
            at = end + 1;
        }
        return new ScanRanges(ranges);
    }

    private static ScanRange range(String text) {
        try {
            int colon = text.indexOf(':');
            int dash = text.indexOf('-', colon);
            int bound = text.indexOf('@', dash);
            return new ScanRange(
                    new ShardId(Long.parseLong(text.substring(0, colon))),
                    Long.parseLong(text.substring(colon + 1, dash)),
                    Long.parseLong(text.substring(dash + 1, bound < 0 ? text.length() : bound)),
                    bound < 0 ? ScanRange.ALL : Long.parseLong(text.substring(bound + 1)));
        } catch (StringIndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "A version of a stream's table is like '0:100-250;3:0-17' (shard:from-to), not "
                            + text,
                    e);
        }
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** How many offsets they span; some may hold no record. */
    public long span() {
        return ranges.stream().mapToLong(range -> range.to() - range.from()).sum();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (ScanRange range : ranges) {
            if (!text.isEmpty()) {
                text.append(';');
            }
            text.append(range.shard().index())
                    .append(':')
                    .append(range.from())
                    .append('-')
                    .append(range.to());
            if (range.minRowtime() != ScanRange.ALL) {
                text.append('@').append(range.minRowtime());
            }
        }
        return text.toString();
    }
}
