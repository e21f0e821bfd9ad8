/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.bench.sql.NexmarkEvents.Kind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** All events in DuckDB, and results of both sides in one form. */
final class NexmarkBatch implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");

    /** Sums of doubles differ in their last places by the order in which they were added. */
    private static final int PLACES = 3;

    private final Connection connection;
    private final Map<Kind, Long> rows = new EnumMap<>(Kind.class);

    NexmarkBatch() throws SQLException {
        this.connection = DriverManager.getConnection("jdbc:duckdb:");
    }

    /** Makes a table of a topic's records, with the time of their arrival. */
    void load(Kind kind, List<ConsumerRecord<byte[], byte[]>> records)
            throws IOException, SQLException {
        Path file = Files.createTempFile("nexmark", ".json");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                ObjectNode row = (ObjectNode) JSON.readTree(record.value());
                row.put("arrival", record.timestamp());
                lines.write(row.toString());
                lines.newLine();
            }
        }
        try (Statement statement = connection.createStatement()) {
            String times = kind == Kind.AUCTION ? "at, expires, arrival" : "at, arrival";
            String made =
                    Stream.of(times.split(", ", -1))
                            .map(time ->
                                    ", make_timestamp(%1$s * 1000) AS %1$s".formatted(quoted(time)))
                            .collect(Collectors.joining());
            statement.execute(
                    "CREATE TABLE "
                            + NexmarkEvents.table(kind)
                            + " AS SELECT * EXCLUDE ("
                            + quoted(times)
                            + ")"
                            + made
                            + " FROM read_json('"
                            + file
                            + "', format = 'newline_delimited')");
        } finally {
            Files.delete(file);
        }
        rows.put(kind, (long) records.size());
    }

    /** AT is a word of DuckDB's. */
    private static String quoted(String sql) {
        return sql.replaceAll("\\bat\\b", "\"at\"");
    }

    long rows(Kind kind) {
        return rows.getOrDefault(kind, 0L);
    }

    List<String> query(String sql) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(quoted(sql))) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(normal(result.getObject(i)));
                }
                all.add(row.toString());
            }
        }
        return all;
    }

    /** A result of an application; empty for those of the rows that end the windows. */
    static Optional<String> ofRecord(byte[] record) throws IOException {
        JsonNode node = JSON.readTree(record);
        if (isEnd(node)) {
            return Optional.empty();
        }
        List<String> row = new ArrayList<>();
        for (JsonNode field : node) {
            row.add(field.isNull() ? "null" : normal(field.asText()));
        }
        return Optional.of(row.toString());
    }

    /** Whether the fields that say what it is of are empty. */
    private static boolean isEnd(JsonNode node) {
        for (String key : List.of("auction", "bidder", "id", "channel", "category")) {
            if (node.has(key) && node.path(key).isNull()) {
                return true;
            }
        }
        return false;
    }

    private static String normal(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Timestamp time ->
                    Long.toString(time.toLocalDateTime().toInstant(ZoneOffset.UTC).toEpochMilli());
            case LocalDateTime time -> Long.toString(time.toInstant(ZoneOffset.UTC).toEpochMilli());
            default -> {
                String text = value.toString();
                if (TIME.matcher(text).matches()) {
                    yield Long.toString(Instant.parse(text).toEpochMilli());
                }
                yield NUMBER.matcher(text).matches()
                        ? new BigDecimal(text)
                                .setScale(PLACES, RoundingMode.HALF_UP)
                                .stripTrailingZeros()
                                .toPlainString()
                        : text;
            }
        };
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
