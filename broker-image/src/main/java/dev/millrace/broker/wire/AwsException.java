/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.nio.charset.StandardCharsets;

/** An error that the caller is told about as it is. It carries no stack: it is no surprise. */
public final class AwsException extends RuntimeException {

    private final ErrorCode code;

    public AwsException(ErrorCode code, String message) {
        super(writable(message), null, false, false);
        this.code = code;
    }

    /** Messages quote what the caller sent, which may be no text: half a surrogate pair. */
    private static String writable(String message) {
        return new String(message.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    public static AwsException invalidArgument(String message) {
        return new AwsException(ErrorCode.INVALID_ARGUMENT, message);
    }

    public static AwsException serialization(String message) {
        return new AwsException(ErrorCode.SERIALIZATION, message);
    }

    public ErrorCode code() {
        return code;
    }

    /** The message; a serialization error may have none. */
    public String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
