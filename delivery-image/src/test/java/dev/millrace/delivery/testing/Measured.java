/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.time.Duration;

/**
 * How long something took.
 *
 * @param cpu of all processes that were measured
 */
public record Measured(Duration wall, Duration cpu) {

    /** A line about so many records. */
    public String of(String what, int records) {
        return "%-42s %,9.0f records per CPU second, %,9.0f per second"
                .formatted(what, records * 1e9 / cpu.toNanos(), records * 1e9 / wall.toNanos());
    }
}
