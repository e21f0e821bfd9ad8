/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Descriptions of tables as one short text without blanks, for whoever asks a Trino that shares no
 * directory with it: the session property {@code tables} of the connector.
 */
public final class TableDescriptions {

    /** The name of the session property. */
    public static final String SESSION_PROPERTY = "tables";

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final int BYTES_MAX = 4 << 20;

    private TableDescriptions() {}

    /** JSON, compressed, as base64. */
    public static String encode(Collection<TableDescription> tables) {
        String json =
                tables.stream()
                        .map(TableDescription::toJson)
                        .collect(java.util.stream.Collectors.joining(",", "[", "]"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
            zipped.write(json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /**
     * @throws IllegalArgumentException if {@link #encode} did not give the text
     */
    public static List<TableDescription> decode(String text) {
        List<TableDescription> tables = new ArrayList<>();
        if (text.isEmpty()) {
            return tables;
        }
        try (GZIPInputStream unzipped =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
            for (JsonNode node : JSON.readTree(unzipped.readNBytes(BYTES_MAX))) {
                tables.add(TableDescription.parse(node.toString()));
            }
            return tables;
        } catch (IOException e) {
            throw new IllegalArgumentException("Not the descriptions of tables", e);
        }
    }
}
