/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.status;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.analytics.progress.InputProgress;
import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.analytics.progress.Progress;
import dev.millrace.analytics.progress.ShardRead;
import dev.millrace.analytics.sql.SqlException;
import dev.millrace.table.Column;
import dev.millrace.table.DataFormat;
import dev.millrace.table.JsonPath;
import dev.millrace.table.SchemaProposal;
import dev.millrace.workload.status.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is known of an application that runs. Safe to use from any thread. */
public final class ApplicationStatus implements PodStatus {

    /** What it does. */
    public enum State {
        STARTING,
        RUNNING,
        /** Its SQL is wrong, or another process has replaced this one: nothing is run. */
        STOPPED
    }

    /**
     * Something that is not as it should be.
     *
     * @param reason one word
     */
    public record Problem(String reason, String message) {}

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();
    private static final int COLUMNS_IN_MESSAGE = 12;

    private final String version;
    private State state = State.STARTING;
    private @Nullable Boolean codeValid;
    private @Nullable SqlException codeProblem;
    private Optional<Problem> input = Optional.empty();
    private Optional<Problem> output = Optional.empty();
    private Optional<Problem> query = Optional.empty();
    private final Map<String, Optional<SchemaProposal>> proposals = new TreeMap<>();
    private final Map<String, Long> shards = new TreeMap<>();
    private final Map<String, Long> watermarks = new TreeMap<>();
    private long now;
    private long rowsIn;
    private long rowsOut;
    private long errorRows;
    private long lateRows;
    private long expired;
    private long stateBytes;

    public ApplicationStatus(String version) {
        this.version = version;
    }

    public synchronized void codeValid() {
        codeValid = true;
        codeProblem = null;
        query = Optional.empty();
    }

    public synchronized void codeInvalid(SqlException problem) {
        codeValid = false;
        codeProblem = problem;
        state = State.STOPPED;
    }

    public synchronized void running() {
        state = State.RUNNING;
        query = Optional.empty();
    }

    /** Another process runs this application. */
    public synchronized void replaced() {
        state = State.STOPPED;
        query = Optional.of(new Problem("Replaced", "Another process runs this application"));
    }

    public synchronized void trinoUnreachable(String message) {
        query = Optional.of(new Problem("TrinoUnreachable", message));
    }

    /**
     * A query failed, and is tried again.
     *
     * @param ofTheQuery whether it is the query or its data, not Trino
     */
    public synchronized void queryFailed(Exception e, boolean ofTheQuery) {
        query =
                Optional.of(
                        new Problem(
                                ofTheQuery ? "QueryFailed" : "TrinoFailed",
                                String.valueOf(e.getMessage())));
    }

    public synchronized void failed(String reason, String message) {
        query = Optional.of(new Problem(reason, message));
    }

    public synchronized void inputMissing(List<String> streams) {
        input =
                Optional.of(
                        new Problem(
                                "StreamMissing",
                                "There is no stream "
                                        + String.join(", ", streams)
                                        + " in the pool"));
    }

    /**
     * What an input's columns may be that are not declared: nothing is run before they are.
     *
     * @param proposal none if its stream holds no records
     */
    public synchronized void proposed(String name, Optional<SchemaProposal> proposal) {
        proposals.put(name, proposal);
        state = State.STOPPED;
        input =
                Optional.of(
                        new Problem(
                                "ColumnsMissing",
                                proposals.entrySet().stream()
                                        .map(entry ->
                                                columnsMissing(entry.getKey(), entry.getValue()))
                                        .collect(Collectors.joining("; "))));
    }

    private static String columnsMissing(String name, Optional<SchemaProposal> proposal) {
        return proposal.map(seen ->
                        "The input %s has no columns; %d of its records suggest format %s and %s%s. Copy them from status.proposedSchemas, or set the input's columnDiscovery to Adopt"
                                .formatted(
                                        name,
                                        seen.records(),
                                        seen.format().type(),
                                        seen.columns().stream()
                                                .limit(COLUMNS_IN_MESSAGE)
                                                .map(column -> column.name() + " " + column.type())
                                                .collect(Collectors.joining(", ")),
                                        seen.columns().size() > COLUMNS_IN_MESSAGE
                                                ? " and %d more"
                                                        .formatted(
                                                                seen.columns().size()
                                                                        - COLUMNS_IN_MESSAGE)
                                                : ""))
                .orElse(
                        "The input %s has no columns, and its stream holds no record to guess them by; it is looked at again when there are some"
                                .formatted(name));
    }

    /** Whether all that is asked for could be guessed. */
    public synchronized boolean hasProposals() {
        return !proposals.isEmpty() && proposals.values().stream().allMatch(Optional::isPresent);
    }

    public synchronized void inputsReady() {
        input = Optional.empty();
    }

    public synchronized void outputMissing(String message) {
        output = Optional.of(new Problem("StreamMissing", message));
    }

    /** A table of another catalog could not be written; it is tried again. */
    public synchronized void tableFailed(String name, Exception e) {
        output =
                Optional.of(
                        new Problem(
                                "TableFailed",
                                "The table of the output " + name + ": " + e.getMessage()));
    }

    /** Some rows were read. */
    public synchronized void read(Map<String, InputRead> reads) {
        reads.forEach((name, read) -> {
            shards.put(name, (long) read.shards().size());
            rowsIn += read.shards().values().stream().mapToLong(ShardRead::rows).sum();
        });
    }

    /** Counts since the process began. */
    public synchronized void counts(long errors, long late, long lost) {
        errorRows = errors;
        lateRows = late;
        expired = lost;
    }

    /** Some results were committed. */
    public synchronized void wrote(long rows) {
        rowsOut += rows;
        output = Optional.empty();
        query = Optional.empty();
    }

    public synchronized void progressed(Progress progress, long nowMillis) {
        now = nowMillis;
        progress.inputs()
                .forEach((name, inputProgress) -> watermarks.put(name, watermark(inputProgress)));
    }

    private static long watermark(InputProgress input) {
        return input.watermark();
    }

    /** How much state the last commit wrote. */
    public synchronized void stateBytes(long bytes) {
        stateBytes = bytes;
    }

    /** Whether the application runs. */
    @Override
    public synchronized boolean isReady() {
        return state == State.RUNNING;
    }

    public synchronized long rowsIn() {
        return rowsIn;
    }

    public synchronized long rowsOut() {
        return rowsOut;
    }

    public synchronized long errorRows() {
        return errorRows;
    }

    public synchronized long lateRows() {
        return lateRows;
    }

    public synchronized long expiredOffsets() {
        return expired;
    }

    public synchronized long stateBytes() {
        return stateBytes;
    }

    /** What is wrong now, the most telling first. */
    public synchronized Optional<Problem> problem() {
        return input.or(() -> output).or(() -> query);
    }

    /** How far behind the clock the slowest input's watermark is; none while there is none. */
    public synchronized Optional<Long> behindMillis() {
        return watermarks.values().stream()
                .filter(watermark -> watermark != Long.MIN_VALUE)
                .min(Long::compare)
                .map(least -> Math.max(0, now - least));
    }

    /** As JSON, for the operator. */
    @Override
    public synchronized String json() {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("state", state.name());
        node.put("version", version);
        if (codeValid != null) {
            ObjectNode code = node.putObject("codeValid");
            code.put("valid", codeValid);
            SqlException problem = codeProblem;
            if (problem != null) {
                code.put("message", problem.getMessage());
                code.put("line", problem.position().line());
                code.put("column", problem.position().column());
            }
        }
        Optional<Long> watermark =
                watermarks.values().stream().filter(w -> w != Long.MIN_VALUE).min(Long::compare);
        watermark.ifPresent(value -> node.put("watermark", value));
        behindMillis().ifPresent(value -> node.put("behindMilliseconds", value));
        node.put("rowsIn", rowsIn);
        node.put("rowsOut", rowsOut);
        node.put("lateRows", lateRows);
        node.put("errorRows", errorRows);
        node.put("expiredOffsets", expired);
        ArrayNode inputs = node.putArray("inputs");
        shards.forEach((name, count) -> {
            ObjectNode one = inputs.addObject().put("name", name).put("shards", count);
            Long of = watermarks.get(name);
            if (of != null && of != Long.MIN_VALUE) {
                one.put("behindMilliseconds", Math.max(0, now - of));
            }
        });
        ArrayNode proposed = node.putArray("proposals");
        proposals.forEach(
                (name, proposal) -> proposal.ifPresent(seen -> put(proposed, name, seen)));
        node.put("stateBytes", stateBytes);
        input.ifPresent(problem -> put(node, "inputProblem", problem));
        output.ifPresent(problem -> put(node, "outputProblem", problem));
        query.ifPresent(problem -> put(node, "queryProblem", problem));
        problem().ifPresent(problem -> node.put("lastError", problem.message()));
        return node.toString();
    }

    private static void put(ArrayNode proposals, String input, SchemaProposal proposal) {
        ObjectNode one = proposals.addObject().put("input", input);
        one.put("records", proposal.records()).put("otherRecords", proposal.others());
        ObjectNode format = one.putObject("format").put("type", proposal.format().type().name());
        if (proposal.format().type() == DataFormat.Type.CSV) {
            format.put("delimiter", String.valueOf(proposal.format().delimiter()));
        }
        ArrayNode columns = one.putArray("columns");
        for (Column column : proposal.columns()) {
            ObjectNode node =
                    columns.addObject().put("name", column.name()).put("type", column.type());
            if (proposal.format().type() == DataFormat.Type.JSON
                    && !column.path().equals(JsonPath.ofField(column.name()))) {
                node.put("path", column.path().toString());
            }
        }
        proposal.rowtime().ifPresent(column -> one.put("rowtime", column));
    }

    private static void put(ObjectNode node, String name, Problem problem) {
        node.putObject(name).put("reason", problem.reason()).put("message", problem.message());
    }
}
