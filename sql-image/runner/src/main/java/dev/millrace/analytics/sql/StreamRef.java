/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.table.TableDescription;
import io.trino.sql.tree.Table;

/**
 * A place in a query that reads a stream.
 *
 * @param number from 1 on, in the order of the text
 * @param isAliased whether the query gives it a name of its own there
 */
record StreamRef(Table node, TableDescription table, int number, boolean isAliased) {

    /** The hidden column that carries a row's time through the query. */
    String rowtimeColumn() {
        return "\"$rowtime" + number + "\"";
    }
}
