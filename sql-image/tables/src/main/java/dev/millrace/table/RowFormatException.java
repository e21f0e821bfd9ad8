/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

/** A record's bytes are no row of its table. */
public final class RowFormatException extends Exception {

    private static final long serialVersionUID = 1;

    public RowFormatException(String message) {
        super(message);
    }

    RowFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
