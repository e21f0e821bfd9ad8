/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

/**
 * A shard that records were written to is being closed; they are to be written again, elsewhere.
 */
public final class ShardMovedException extends Exception {

    private static final long serialVersionUID = 1;

    ShardMovedException(String message) {
        super(message);
    }
}
