/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.util.Set;

/**
 * What came of a call.
 *
 * @param <T> what the gateway says when it did what was asked
 */
public sealed interface ControlResult<T> {

    /** The gateway did it. */
    record Applied<T>(T state) implements ControlResult<T> {}

    /**
     * The gateway said no.
     *
     * @param awsError Amazon's name of the error
     */
    record Refused<T>(String awsError, String message) implements ControlResult<T> {

        private static final Set<String> FINAL =
                Set.of(
                        "InvalidArgumentException",
                        "LimitExceededException",
                        "ValidationException",
                        "SerializationException");
        private static final String NOT_FOUND = "ResourceNotFoundException";
        private static final String IN_USE = "ResourceInUseException";

        /**
         * Whether the same request will be refused until somebody changes it. Whatever else is
         * refused (a stream that is busy, a key that the gateway has not loaded yet) is worth
         * another try.
         */
        public boolean isFinal() {
            return FINAL.contains(awsError);
        }

        public boolean isNotFound() {
            return awsError.equals(NOT_FOUND);
        }

        public boolean isInUse() {
            return awsError.equals(IN_USE);
        }
    }

    /** No answer, or one that says nothing about the request: nobody knows whether it was done. */
    record Unreachable<T>(String cause) implements ControlResult<T> {}
}
