/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import java.time.Duration;

/**
 * How often things are looked at.
 *
 * @param idle between two lists of a pool's streams when nothing moves
 * @param busy the same while a stream is made, resharded or deleted
 * @param removal between two looks at whether a deleted stream has gone
 * @param missingGrace how long a stream that should be there is looked for before it is made again
 */
public record StreamTiming(Duration idle, Duration busy, Duration removal, Duration missingGrace) {

    public static final StreamTiming DEFAULT =
            new StreamTiming(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(2));
}
