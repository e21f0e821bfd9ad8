/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** Results of an application and of a batch query in one form, to be compared. */
public final class Results {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Results() {}

    /** Records of JSON as rows of some of their fields, in order. */
    public static List<String> ofRecords(List<String> records, List<String> fields)
            throws JsonProcessingException {
        List<String> rows = new ArrayList<>();
        for (String record : records) {
            JsonNode node = MAPPER.readTree(record);
            rows.add(
                    fields.stream()
                            .map(field -> normal(node.path(field).asText()))
                            .toList()
                            .toString());
        }
        return rows.stream().sorted().toList();
    }

    /** Rows of a query, in order. */
    public static List<String> ofRows(List<List<String>> rows) {
        return rows.stream()
                .map(row -> row.stream().map(Results::normal).toList().toString())
                .sorted()
                .toList();
    }

    /** Times without T and Z, numbers and times without zeros at their ends. */
    private static String normal(String value) {
        return value.replace('T', ' ').replaceFirst("\\.0*Z?$|(\\.\\d*?)0*Z?$", "$1");
    }
}
