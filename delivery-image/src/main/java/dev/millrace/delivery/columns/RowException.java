/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import java.io.IOException;

/** A record is no row of the table that is declared. */
public final class RowException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String code;

    public RowException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Firehose's code. */
    public String code() {
        return code;
    }
}
