/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far an input was read.
 *
 * @param stream the stream's id: another one of its name is read from its start
 * @param watermark no row before this time is expected any more, milliseconds since 1970; {@link
 *     Long#MIN_VALUE} while nothing is known
 * @param shards by their numbers
 */
public record InputProgress(String stream, long watermark, Map<Long, ShardProgress> shards) {

    public InputProgress {
        shards = Collections.unmodifiableMap(new TreeMap<>(shards));
    }
}
