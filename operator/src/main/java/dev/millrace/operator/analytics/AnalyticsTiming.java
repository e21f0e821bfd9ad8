/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import java.time.Duration;

/**
 * How often an application is looked at.
 *
 * @param busy while something is on its way
 * @param idle while all is well
 */
record AnalyticsTiming(Duration busy, Duration idle) {

    static final AnalyticsTiming NORMAL =
            new AnalyticsTiming(Duration.ofSeconds(2), Duration.ofSeconds(10));
}
