/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.delivery.columns.RowReader;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the user wants to be done to records. */
public sealed interface Processor {

    /** Records are gzip, as subscriptions of CloudWatch Logs send them. */
    record Decompression() implements Processor {}

    /**
     * Records are CloudWatch Logs' JSON.
     *
     * @param messagesOnly whether each log event's message becomes a record of its own
     */
    record CloudWatchLogs(boolean messagesOnly) implements Processor {}

    /** A record holds several JSON objects. */
    record SplitJson() implements Processor {}

    /** A record holds several records with something in between. */
    record SplitAt(byte[] delimiter) implements Processor {}

    /** Each result of a jq query is a record. */
    record Jq(String query) implements Processor {}

    /** Records for which a jq query says true go on. */
    record Filter(String query) implements Processor {}

    /** Fields of a JSON object go. */
    record DropFields(List<String> fields) implements Processor {
        public DropFields {
            fields = List.copyOf(fields);
        }
    }

    /** Fields of a JSON object get other names: old name to new name. */
    record RenameFields(Map<String, String> names) implements Processor {
        public RenameFields {
            names = Map.copyOf(names);
        }
    }

    /** A line of CSV becomes a JSON object. */
    record ParseCsv(List<String> columns, char delimiter) implements Processor {
        public ParseCsv {
            columns = List.copyOf(columns);
        }
    }

    /** The named groups of an expression become a JSON object. */
    record ParseRegex(Pattern pattern) implements Processor {}

    /** Pairs become a JSON object. */
    record ParseKeyValue(String pairDelimiter, String keyDelimiter) implements Processor {}

    /**
     * A web server with Lambda's contract.
     *
     * @param retries after the first call
     * @param bearerToken sent along, where there is one
     */
    record HttpFunction(URI url, int retries, Duration timeout, Optional<String> bearerToken)
            implements Processor {}

    /** Records must be rows. */
    record CheckRows(RowReader reader) implements Processor {}

    /** Records take their partition key along: see KeyedRecord. */
    record TakeKeyAlong() implements Processor {}

    /** Partition keys by their names, from a jq query whose result is an object. */
    record MetadataExtraction(String query) implements Processor {}
}
