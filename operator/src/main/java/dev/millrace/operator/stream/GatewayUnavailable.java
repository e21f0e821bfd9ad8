/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.stream.StreamStatus;

/**
 * The gateway could not be asked, or would not do it now: makes the framework try again, with its
 * growing pauses. Carries the status that is written meanwhile.
 */
final class GatewayUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient StreamStatus status;

    GatewayUnavailable(String message, StreamStatus status) {
        // It is no surprise that needs a stack trace.
        super(message, null, false, false);
        this.status = status;
    }

    StreamStatus status() {
        return status;
    }
}
