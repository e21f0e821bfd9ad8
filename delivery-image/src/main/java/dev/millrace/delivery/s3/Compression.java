/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.xerial.snappy.SnappyHadoopCompatibleOutputStream;
import org.xerial.snappy.SnappyOutputStream;

/**
 * How objects are compressed. The same bytes give the same object: no format gets a time of its
 * own.
 */
public enum Compression {
    UNCOMPRESSED("UNCOMPRESSED", "", ""),
    GZIP("GZIP", ".gz", "gzip"),
    ZIP("ZIP", ".zip", "zip"),
    SNAPPY("Snappy", ".snappy", "snappy-java"),
    HADOOP_SNAPPY("HADOOP_SNAPPY", ".snappy", "hadoop-snappy"),
    ZSTANDARD("ZSTD", ".zst", "zstd");

    private static final long ZIP_EPOCH_MILLIS = 315_532_800_000L; // 1980: ZIP knows no earlier

    private final String apiName;
    private final String extension;
    private final String contentEncoding;

    Compression(String apiName, String extension, String contentEncoding) {
        this.apiName = apiName;
        this.extension = extension;
        this.contentEncoding = contentEncoding;
    }

    /**
     * The compression of a name in the API, whatever its case.
     *
     * @throws IllegalArgumentException if there is none, naming those that there are
     */
    public static Compression parse(String name) {
        for (Compression compression : values()) {
            if (compression.apiName.equalsIgnoreCase(name)
                    || compression.name().equalsIgnoreCase(name)) {
                return compression;
            }
        }
        throw new IllegalArgumentException(
                "compression: '%s' is none of %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(c -> c.apiName)
                                        .collect(Collectors.joining(", "))));
    }

    /** The end of an object's name. */
    public String extension() {
        return extension;
    }

    /** The object's Content-Encoding, as Firehose sets it. */
    public Optional<String> contentEncoding() {
        return contentEncoding.isEmpty() ? Optional.empty() : Optional.of(contentEncoding);
    }

    /**
     * A stream that compresses into another, and closes it when it is closed.
     *
     * @param name of the object, for formats that have a name inside
     */
    OutputStream into(OutputStream out, String name) throws IOException {
        return switch (this) {
            case UNCOMPRESSED -> out;
            case GZIP -> new GZIPOutputStream(out, 64 * 1024);
            case ZIP -> {
                ZipOutputStream zip = new ZipOutputStream(out);
                ZipEntry entry = new ZipEntry(name.substring(name.lastIndexOf('/') + 1));
                entry.setTime(ZIP_EPOCH_MILLIS);
                zip.putNextEntry(entry);
                yield zip;
            }
            case SNAPPY -> new SnappyOutputStream(out);
            case HADOOP_SNAPPY -> new SnappyHadoopCompatibleOutputStream(out);
            case ZSTANDARD -> new ZstdOutputStream(out);
        };
    }
}
