/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import java.time.Instant;

/** Where an application begins that has no progress yet. */
public sealed interface StartAt {

    /** With what is put from now on. */
    record Latest() implements StartAt {}

    /** With the oldest record that is there. */
    record TrimHorizon() implements StartAt {}

    /** With the first record that arrived at a time or after it. */
    record AtTimestamp(Instant time) implements StartAt {}
}
