/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

/** There is no stream to write to. */
public final class OutputMissingException extends Exception {

    private static final long serialVersionUID = 1;

    OutputMissingException(String message) {
        super(message);
    }
}
