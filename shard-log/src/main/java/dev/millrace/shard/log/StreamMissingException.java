/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

/** There is no stream to write to. */
public final class StreamMissingException extends Exception {

    private static final long serialVersionUID = 1;

    StreamMissingException(String message) {
        super(message);
    }
}
