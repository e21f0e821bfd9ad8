/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.resource;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * A number of bytes as a person reads it, and as a Kubernetes quantity: of two digits, so that a
 * status which shows it seldom changes.
 */
public final class ByteQuantity {

    private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    private static final int STEP = 1_024;
    private static final MathContext TWO_DIGITS = new MathContext(2, RoundingMode.HALF_UP);

    private ByteQuantity() {}

    /** Such as {@code 1.3Gi}; what is beyond 8 EiB is shown as that. */
    public static String of(double bytes) {
        double left = Math.min(Math.max(bytes, 0), Long.MAX_VALUE);
        int unit = 0;
        // 999.5 and more would have four digits.
        while (left >= 999.5 && unit < UNITS.length - 1) {
            left /= STEP;
            unit++;
        }
        BigDecimal rounded = unit == 0 ? BigDecimal.valueOf(Math.round(left)) : round(left);
        return rounded.stripTrailingZeros().toPlainString() + UNITS[unit];
    }

    private static BigDecimal round(double value) {
        return BigDecimal.valueOf(value).round(TWO_DIGITS);
    }
}
