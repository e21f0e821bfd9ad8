/* SPDX-License-Identifier: Apache-2.0 */
/** Objects in an S3-compatible store: names, compression, upload. */
@NullMarked
package dev.millrace.delivery.s3;

import org.jspecify.annotations.NullMarked;
