/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import java.time.Duration;

/**
 * How often things are looked at.
 *
 * @param idle between two looks at workers that do well
 * @param busy the same while something starts, is missing or goes
 */
public record DeliveryTiming(Duration idle, Duration busy) {

    public static final DeliveryTiming DEFAULT =
            new DeliveryTiming(Duration.ofSeconds(10), Duration.ofSeconds(2));
}
