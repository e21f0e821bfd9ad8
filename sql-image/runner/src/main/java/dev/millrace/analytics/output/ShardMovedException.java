/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

/** A shard that results were written to is being closed; they are written again, elsewhere. */
public final class ShardMovedException extends Exception {

    private static final long serialVersionUID = 1;

    ShardMovedException(String message) {
        super(message);
    }
}
