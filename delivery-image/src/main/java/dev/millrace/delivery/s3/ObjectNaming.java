/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * The keys of objects: {@code <prefix><stream>-<version>-yyyy-MM-dd-HH-mm-ss-<uuid><extension>}.
 */
public final class ObjectNaming {

    private final String stream;
    private final String version;
    private final PrefixExpression prefix;
    private final PrefixExpression errorPrefix;
    private final String extension;
    private final DateTimeFormatter suffix;

    /**
     * @param extension of data objects; error objects have that of their own form
     */
    public ObjectNaming(
            String stream,
            String version,
            PrefixExpression prefix,
            PrefixExpression errorPrefix,
            String extension,
            ZoneId zone) {
        this.stream = stream;
        this.version = version;
        this.prefix = prefix;
        this.errorPrefix = errorPrefix;
        this.extension = extension;
        this.suffix = DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm-ss").withZone(zone);
    }

    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        String evaluated =
                switch (key) {
                    case BufferKey.Data(Map<String, String> keys) ->
                            prefix.evaluate(values(oldestArrival, id, keys, ""));
                    case BufferKey.Backup _ ->
                            prefix.evaluate(values(oldestArrival, id, Map.of(), ""));
                    case BufferKey.Failed(String type) ->
                            errorPrefix.evaluate(values(oldestArrival, id, Map.of(), type));
                };
        String end = key instanceof BufferKey.Failed ? "" : extension;
        String own = stream + "-" + version + "-" + suffix.format(oldestArrival) + "-" + id;
        return evaluated + own + end;
    }

    private static PrefixExpression.Values values(
            Instant instant, BatchId id, Map<String, String> keys, String errorType) {
        return new PrefixExpression.Values(instant, id.value(), keys, errorType);
    }
}
