/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.util.List;
import java.util.stream.Stream;

/**
 * What one answer shows of a list.
 *
 * @param more whether the list goes on
 */
public record Page<T>(List<T> shown, boolean more) {

    /** The first of a list that may be long, at most so many. */
    public static <T> Page<T> of(Stream<T> list, int max) {
        List<T> found = list.limit(max + 1L).toList();
        return found.size() > max
                ? new Page<>(found.subList(0, max), true)
                : new Page<>(found, false);
    }
}
