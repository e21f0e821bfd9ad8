/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;

/** Requests that only ask whether they would succeed. */
public final class DryRun {

    private DryRun() {}

    /**
     * Ends a request with DryRun set; called when nothing else can refuse it.
     *
     * @throws AwsException if it is such a request
     */
    public static void end(Input input) {
        if (input.bool("DryRun").orElse(false)) {
            throw wouldSucceed();
        }
    }

    static AwsException wouldSucceed() {
        return new AwsException(
                ErrorCode.DRY_RUN_OPERATION,
                "Request would have succeeded, but DryRun flag is set.");
    }
}
