/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a runner says of itself.
 *
 * @param codeValid whether Trino agreed to the SQL; none while it was not asked
 * @param codeMessage what is wrong with it
 * @param problem what keeps it from running as it should
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
        Optional<String> inputProblem,
        Optional<String> outputProblem,
        Optional<String> queryProblem) {

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
                problem(node, "inputProblem"),
                problem(node, "outputProblem"),
                problem(node, "queryProblem"));
    }

    private static Optional<String> problem(JsonNode node, String name) {
        return node.has(name)
                ? Optional.of(
                        node.path(name).path("reason").asText()
                                + ": "
                                + node.path(name).path("message").asText())
                : Optional.empty();
    }
}
