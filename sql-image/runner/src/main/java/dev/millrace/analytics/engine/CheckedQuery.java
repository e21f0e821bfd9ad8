/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.TableTarget;
import dev.millrace.analytics.sql.ContinuousQuery;
import java.time.Duration;
import java.util.Optional;

/**
 * A query that Trino has agreed to.
 *
 * @param destination where its results go
 */
record CheckedQuery(ContinuousQuery query, Destination destination) {

    /** Where results go, and how. */
    sealed interface Destination {}

    /** Through this process, in its transactions. */
    record Stream(Output.ToStream output) implements Destination {}

    /** From Trino into a table, with statements that can be repeated. */
    record Table(Output.ToTable output, TableTarget target) implements Destination {}

    /** How often its results are given before they are final; never if empty. */
    Optional<Duration> early() {
        return destination instanceof Stream(Output.ToStream output)
                ? output.early()
                : Optional.empty();
    }
}
