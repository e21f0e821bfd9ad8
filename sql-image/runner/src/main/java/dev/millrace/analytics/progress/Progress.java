/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * All that an application has to remember. Written together with the results that it led to.
 *
 * <p>Results for tables of other catalogs are in no transaction of ours. So the statements that
 * write them are remembered with the progress that they belong to, and run afterwards, as often as
 * needed.
 *
 * @param inputs by the names of their tables
 * @param queries by their outputs' names and their place among the queries of one output
 * @param writes statements of this progress that may not have been run yet
 * @param batches how many writes of tables there were
 * @param early what was given of open windows, of queries that do so, as {@code queries}
 */
public record Progress(
        Map<String, InputProgress> inputs,
        Map<String, QueryProgress> queries,
        List<TableWrite> writes,
        long batches,
        Map<String, EarlyResults> early) {

    public static final Progress NONE = new Progress(Map.of(), Map.of(), List.of(), 0, Map.of());

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    public Progress {
        inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
        queries = Collections.unmodifiableMap(new TreeMap<>(queries));
        // What was written before there were tables has none.
        writes = writes == null ? List.of() : List.copyOf(writes);
        early = early == null ? Map.of() : Map.copyOf(early);
    }

    /** With other results of open windows. */
    public Progress with(String key, EarlyResults results) {
        Map<String, EarlyResults> changed = new HashMap<>(early);
        changed.put(key, results);
        return new Progress(inputs, queries, writes, batches, changed);
    }

    public EarlyResults early(String key) {
        return early.getOrDefault(key, EarlyResults.NONE);
    }

    /** With other positions and results, and all else as it is. */
    public Progress with(
            Map<String, InputProgress> newInputs, Map<String, QueryProgress> newQueries) {
        return new Progress(newInputs, newQueries, writes, batches, early);
    }

    /** With another state of one query. */
    public Progress with(String key, QueryProgress query) {
        Map<String, QueryProgress> changed = new HashMap<>(queries);
        changed.put(key, query);
        return with(inputs, changed);
    }

    /** With one more statement to be run. */
    public Progress with(TableWrite write) {
        List<TableWrite> more = new ArrayList<>(writes);
        more.add(write);
        return new Progress(inputs, queries, more, batches + 1, early);
    }

    /** After all of its statements were run. */
    public Progress withoutWrites() {
        return new Progress(inputs, queries, List.of(), batches, early);
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
