/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.s3.Compression;
import dev.millrace.delivery.s3.ObjectFormat;
import dev.millrace.delivery.s3.PrefixExpression;
import dev.millrace.delivery.s3.S3Settings;
import dev.millrace.workload.settings.Field;
import java.net.URI;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/** Reads a bucket, and how objects in it are named and written. */
record S3Reader(Path secrets) {

    /**
     * @throws IllegalArgumentException naming the field that is wrong
     */
    S3Target read(Field s3, boolean hasPartitionKeys, Optional<Columns> columns) {
        ZoneId zone =
                s3.get("customTimeZone")
                        .map(text -> text.isEmpty() ? ZoneOffset.UTC : ZoneId.of(text))
                        .orElse(ZoneOffset.UTC);
        String prefix = s3.get("prefix").text().orElse("");
        Field errorPrefix = s3.get("errorOutputPrefix");
        if (!errorPrefix.isPresent() && PrefixExpression.hasExpressions(prefix)) {
            throw new IllegalArgumentException(
                    errorPrefix.path() + ": must be given where prefix has expressions");
        }
        PrefixExpression parsed = PrefixExpression.prefix(prefix, zone);
        if (!parsed.partitionKeys().isEmpty() && !hasPartitionKeys) {
            throw new IllegalArgumentException(
                    s3.get("prefix").path()
                            + ": has partition keys, and no processor MetadataExtraction gives any");
        }
        Compression compression =
                s3.get("compression").map(Compression::parse).orElse(Compression.UNCOMPRESSED);
        ObjectFormat format =
                columns.<ObjectFormat>map(c -> new ObjectFormat.Rows(c.file(), c.reader()))
                        .orElseGet(() -> new ObjectFormat.Plain(compression));
        String extension =
                s3.get("fileExtension")
                        .text()
                        .filter(text -> !text.isEmpty())
                        .orElse(format.extension());
        return new S3Target(
                bucket(s3),
                parsed,
                PrefixExpression.errorPrefix(errorPrefix.text().orElse(""), zone),
                zone,
                format,
                extension);
    }

    private S3Settings bucket(Field s3) {
        Optional<URI> endpoint = s3.get("endpoint").map(URI::create);
        return new S3Settings(
                endpoint,
                s3.get("region").text().orElse("us-east-1"),
                s3.get("bucket").required(),
                // Stores of one's own seldom have a host's name for each bucket.
                s3.get("pathStyle").flag(endpoint.isPresent()),
                s3.get("credentialsSecretRef").get("name").map(secrets::resolve));
    }
}
