/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.analytics.progress.InputTiming;
import dev.millrace.table.TableDescription;

/**
 * A stream that an application reads.
 *
 * @param table its name is the input's
 */
public record Input(TableDescription table, InputTiming timing) {

    public String name() {
        return table.name();
    }
}
