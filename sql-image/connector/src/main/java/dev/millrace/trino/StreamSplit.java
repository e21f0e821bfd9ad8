/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.SplitWeight;
import io.trino.spi.connector.ConnectorSplit;

/**
 * A part of a shard that one thread reads, as Trino passes it around.
 *
 * @param stream the stream's id, which encrypted records are bound to
 * @param shard the shard's number
 * @param from the first offset
 * @param to the offset behind the last one
 * @param minRowtime rows that happened before are left out, milliseconds since 1970
 * @param toRowtime rows that happened then or later are left out
 * @param minArrival records that arrived before are left out: their retention has ended
 */
public record StreamSplit(
        String topic,
        int partition,
        String stream,
        long shard,
        long from,
        long to,
        long minRowtime,
        long toRowtime,
        long minArrival)
        implements ConnectorSplit {

    private static final double STANDARD = 100_000;

    @Override
    public SplitWeight getSplitWeight() {
        return SplitWeight.fromProportion(Math.clamp((to - from) / STANDARD, 0.01, 1));
    }

    @Override
    public long getRetainedSizeInBytes() {
        return 128 + topic.length();
    }
}
