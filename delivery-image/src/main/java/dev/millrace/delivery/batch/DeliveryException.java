/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

/** A batch could not be delivered now. It is tried again: nothing is given up. */
public final class DeliveryException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * @param code Firehose's code, such as {@code S3.NoSuchBucket}
     */
    public DeliveryException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
