/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

/**
 * Up to when a query's results were given.
 *
 * @param closed milliseconds since 1970; {@link Long#MIN_VALUE} while none were
 * @param openFrom of a query with sessions: when the oldest open one began
 */
public record QueryProgress(long closed, long openFrom) {

    public static final QueryProgress NONE = new QueryProgress(Long.MIN_VALUE, Long.MIN_VALUE);
}
