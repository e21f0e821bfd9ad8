/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A bucket and how to write to it.
 *
 * @param endpoint of an S3-compatible store; Amazon's own without one
 * @param pathStyle whether the bucket is in the path and not in the host's name
 * @param credentials the directory of a mounted Secret with {@code accessKeyId}, {@code
 *     secretAccessKey} and perhaps {@code sessionToken}; without it the SDK looks where it always
 *     looks
 */
public record S3Settings(
        Optional<URI> endpoint,
        String region,
        String bucket,
        boolean pathStyle,
        Optional<Path> credentials) {}
