/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.s3.ObjectFormat;
import dev.millrace.delivery.s3.PrefixExpression;
import dev.millrace.delivery.s3.S3Settings;
import java.time.ZoneId;

/**
 * A bucket, and how objects in it are named and written.
 *
 * @param extension the end of an object's name
 */
public record S3Target(
        S3Settings bucket,
        PrefixExpression prefix,
        PrefixExpression errorPrefix,
        ZoneId zone,
        ObjectFormat format,
        String extension) {}
