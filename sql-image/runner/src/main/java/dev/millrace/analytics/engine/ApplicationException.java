/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

/** The application cannot go on as it is: it is begun anew from what is committed. */
final class ApplicationException extends Exception {

    private static final long serialVersionUID = 1;

    private final String reason;

    /**
     * @param reason one word, for a condition
     */
    ApplicationException(String reason, Throwable cause) {
        super(String.valueOf(cause.getMessage()), cause);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
