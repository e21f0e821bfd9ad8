/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import com.fasterxml.jackson.core.JsonParser;
import dev.millrace.table.EventTime;
import dev.millrace.table.PlainScalar;
import dev.millrace.table.RowFormatException;
import dev.millrace.table.RowParser;
import dev.millrace.table.TableDescription;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Says when rows happened, the same way as the connector does: from the column that is declared as
 * rowtime, or from the record's arrival.
 */
final class RowtimeReader implements RowParser.Sink {

    private final TableDescription table;
    private final RowParser parser;
    private OptionalLong micros = OptionalLong.empty();
    private boolean malformed;
    private String problem = "";

    RowtimeReader(TableDescription table) {
        this.table = table;
        this.parser = new RowParser(table, table.rowtimeColumn().stream().toList());
    }

    /**
     * @return milliseconds since 1970; empty if the record is no row, and is left out
     */
    OptionalLong rowtime(byte[] data, long arrival) {
        malformed = false;
        if (table.columns().isEmpty()) {
            return OptionalLong.of(arrival);
        }
        micros = OptionalLong.empty();
        try {
            parser.parse(data, this);
            if (table.rowtime().isEmpty()) {
                return OptionalLong.of(arrival);
            }
            if (micros.isPresent()) {
                return OptionalLong.of(Math.floorDiv(micros.getAsLong(), 1_000));
            }
            problem = "It has no point in time as " + table.rowtime().orElseThrow();
        } catch (RowFormatException e) {
            // As a record without a time.
            problem = String.valueOf(e.getMessage());
        }
        malformed = true;
        return table.onError() == TableDescription.OnError.DROP
                ? OptionalLong.empty()
                : OptionalLong.of(arrival);
    }

    /** What is wrong with the last record, if it was no row. */
    Optional<String> problem() {
        return malformed ? Optional.of(problem) : Optional.empty();
    }

    @Override
    public void scalar(int column, JsonParser at) throws IOException {
        micros = EventTime.micros(at);
    }

    @Override
    public void plain(int column, PlainScalar value) {
        micros = EventTime.micros(value);
    }

    @Override
    public void json(int column, byte[] data, int from, int to) {
        // No point in time.
    }
}
