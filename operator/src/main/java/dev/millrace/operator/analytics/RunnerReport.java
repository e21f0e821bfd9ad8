/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec;
import dev.millrace.crds.analytics.AnalyticsApplicationStatus.ProposedSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a runner says of itself.
 *
 * @param codeValid whether Trino agreed to the SQL; none while it was not asked
 * @param codeMessage what is wrong with it
 * @param stateBytes how much it has to remember
 * @param proposals what inputs may be that have no columns
 */
public record RunnerReport(
        String state,
        String version,
        Optional<Boolean> codeValid,
        String codeMessage,
        Optional<Long> behindMillis,
        long rowsIn,
        long rowsOut,
        long lateRows,
        long malformedRows,
        long stateBytes,
        List<ProposedSchema> proposals,
        Optional<Problem> inputProblem,
        Optional<Problem> outputProblem,
        Optional<Problem> queryProblem) {

    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /**
     * Something that is not as it should be.
     *
     * @param reason one word
     */
    public record Problem(String reason, String message) {
        String text() {
            return reason + ": " + message;
        }
    }

    public static RunnerReport parse(JsonNode node) {
        JsonNode code = node.path("codeValid");
        return new RunnerReport(
                node.path("state").asText(),
                node.path("version").asText(),
                code.has("valid") ? Optional.of(code.path("valid").asBoolean()) : Optional.empty(),
                code.path("message").asText(),
                node.has("behindMilliseconds")
                        ? Optional.of(node.path("behindMilliseconds").asLong())
                        : Optional.empty(),
                node.path("rowsIn").asLong(),
                node.path("rowsOut").asLong(),
                node.path("lateRows").asLong(),
                node.path("errorRows").asLong(),
                node.path("stateBytes").asLong(),
                proposals(node.path("proposals")),
                problem(node, "inputProblem"),
                problem(node, "outputProblem"),
                problem(node, "queryProblem"));
    }

    private static List<ProposedSchema> proposals(JsonNode list) {
        List<ProposedSchema> proposals = new ArrayList<>();
        for (JsonNode node : list) {
            List<AnalyticsApplicationSpec.Column> columns = new ArrayList<>();
            for (JsonNode column : node.path("columns")) {
                columns.add(JSON.convertValue(column, AnalyticsApplicationSpec.Column.class));
            }
            proposals.add(
                    new ProposedSchema(
                            node.path("input").asText(),
                            node.path("records").asLong(),
                            node.path("otherRecords").asLong(),
                            JSON.convertValue(
                                    node.path("format"), AnalyticsApplicationSpec.Format.class),
                            columns,
                            node.hasNonNull("rowtime") ? node.path("rowtime").asText() : null));
        }
        return proposals;
    }

    private static Optional<Problem> problem(JsonNode node, String name) {
        return node.has(name)
                ? Optional.of(
                        new Problem(
                                node.path(name).path("reason").asText(),
                                node.path(name).path("message").asText()))
                : Optional.empty();
    }
}
