/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.TableFunctionInvocation;
import java.util.List;

/**
 * A window written as a table function: {@code TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL
 * '1' MINUTE))}.
 *
 * @param data the table or subquery whose rows are put into windows
 * @param timeColumn the column that says when a row happened
 * @param step the slide of hopping windows, the step of cumulating ones; else the size
 * @param size the length of a window, or the gap of sessions; milliseconds
 * @param keys whose sessions they are
 */
record WindowCall(
        TableFunctionInvocation node,
        Kind kind,
        Relation data,
        String timeColumn,
        long step,
        long size,
        List<Expression> keys) {

    enum Kind {
        TUMBLE,
        HOP,
        CUMULATE,
        SESSION
    }

    Timing timing() {
        return switch (kind) {
            case TUMBLE -> new Timing.Tumbling(new Bucket.Fixed(size));
            case HOP -> new Timing.Hopping(step, size);
            case CUMULATE -> new Timing.Cumulating(step, size);
            case SESSION -> new Timing.Sessions(size);
        };
    }
}
