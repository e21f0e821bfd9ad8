/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * All that an application has to remember. Written together with the results that it led to.
 *
 * @param inputs by the names of their tables
 * @param queries by their outputs' names and their place among the queries of one output
 */
public record Progress(Map<String, InputProgress> inputs, Map<String, QueryProgress> queries) {

    public static final Progress NONE = new Progress(Map.of(), Map.of());

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    public Progress {
        inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
        queries = Collections.unmodifiableMap(new TreeMap<>(queries));
    }

    public QueryProgress query(String key) {
        return queries.getOrDefault(key, QueryProgress.NONE);
    }

    /** JSON, compressed. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
            MAPPER.writeValue(zipped, this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Reads what {@link #encode} gives. */
    public static Progress decode(byte[] bytes) {
        try (GZIPInputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return MAPPER.readValue(unzipped, Progress.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
