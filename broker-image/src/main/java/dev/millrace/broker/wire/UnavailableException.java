/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

/** Something behind the gateway does not answer now; the caller is told to try again. */
public final class UnavailableException extends RuntimeException {

    public UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
