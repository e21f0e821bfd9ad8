/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import org.jspecify.annotations.Nullable;

/**
 * A batch could not be delivered now. It is tried again, unless this says that it never will be.
 */
public final class DeliveryException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final boolean permanent;

    private DeliveryException(
            String code, String message, @Nullable Throwable cause, boolean permanent) {
        super(message, cause);
        this.code = code;
        this.permanent = permanent;
    }

    /**
     * @param code Firehose's code, such as {@code S3.NoSuchBucket}
     */
    public DeliveryException(String code, String message) {
        this(code, message, null, false);
    }

    /**
     * @param code Firehose's code, such as {@code S3.NoSuchBucket}
     */
    public DeliveryException(String code, String message, Throwable cause) {
        this(code, message, cause, false);
    }

    /** What is left of the batch is refused and will be, however often it is tried. */
    public static DeliveryException permanent(String code, String message) {
        return new DeliveryException(code, message, null, true);
    }

    public String code() {
        return code;
    }

    public boolean isPermanent() {
        return permanent;
    }
}
