/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import java.util.Map;

/**
 * Results that were given of windows which are still open. The records that they come from are
 * enough to know them: the query over these gives them again.
 *
 * @param ranges of each input, as text
 * @param at when they were given, milliseconds since 1970
 */
public record EarlyResults(Map<String, String> ranges, long at) {

    public static final EarlyResults NONE = new EarlyResults(Map.of(), 0);

    public EarlyResults {
        ranges = Map.copyOf(ranges);
    }
}
