/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.sql;

import dev.millrace.delivery.secret.MountedSecret;
import java.util.List;
import java.util.Optional;

/**
 * A table of Redshift, and how it is told to load a bucket's objects.
 *
 * @param credentials a Secret with {@code username} and {@code password}
 * @param columns that are loaded; none for all of the table
 * @param copyOptions what the user adds to COPY
 * @param iamRole by which Redshift reads the bucket; without it, it gets the bucket's access key
 * @param bucketCredentials a Secret with {@code accessKeyId} and {@code secretAccessKey}
 * @param gzip whether objects are compressed
 */
public record RedshiftSettings(
        String jdbcUrl,
        MountedSecret credentials,
        TableName table,
        List<String> columns,
        String copyOptions,
        Optional<String> iamRole,
        Optional<MountedSecret> bucketCredentials,
        String bucket,
        String region,
        boolean gzip) {
    public RedshiftSettings {
        columns = List.copyOf(columns);
    }
}
