/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.analytics.progress.InputTiming;
import dev.millrace.table.TableDescription;

/**
 * A stream that an application reads.
 *
 * @param table its name is the input's
 * @param isKnown whether its columns are; else they are guessed, and nothing is run
 */
public record Input(TableDescription table, InputTiming timing, boolean isKnown) {

    public Input(TableDescription table, InputTiming timing) {
        this(table, timing, true);
    }

    public String name() {
        return table.name();
    }
}
