/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.InputReader;
import dev.millrace.analytics.input.LateRow;
import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.OutputMissingException;
import dev.millrace.analytics.output.ResultWriter;
import dev.millrace.analytics.output.RowEncoder;
import dev.millrace.analytics.output.ShardMovedException;
import dev.millrace.analytics.progress.Planner;
import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.analytics.progress.Progress;
import dev.millrace.analytics.progress.QueryProgress;
import dev.millrace.analytics.sql.ContinuousQuery;
import dev.millrace.analytics.sql.Timing;
import dev.millrace.analytics.status.ApplicationStatus;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an application: reads what came, lets the planner decide, runs the queries, and writes their
 * results together with the progress. What fails is tried again as it was decided; only what was
 * committed counts. One thread runs it; another one reads on while queries run.
 */
final class Application implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Application.class);
    private static final long ROWS_PER_RUN = 2_000_000;

    /** So often it is looked after shards that are silent, where nothing comes. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Progress without results is written this often: a restart reads that much again. */
    private static final Duration QUIET_COMMIT = Duration.ofSeconds(5);

    private final List<ContinuousQuery> queries;
    private final Map<String, Output> outputs;
    private final Planner planner;
    private final List<Planner.Query> planned;
    private final InputReader reader;
    private final ReadAhead ahead;
    private final ResultWriter writer;
    private final TrinoQueries trino;
    private final ApplicationStatus status;
    private final InstantSource clock;
    private Progress progress;
    private Progress committed;
    private long committedAt;

    Application(
            ApplicationPlan plan,
            List<ContinuousQuery> queries,
            Progress progress,
            InputReader reader,
            ResultWriter writer,
            TrinoQueries trino,
            ApplicationStatus status,
            InstantSource clock) {
        this.queries = List.copyOf(queries);
        this.outputs =
                plan.outputs().stream().collect(Collectors.toMap(Output::name, output -> output));
        this.planned = planned(queries);
        this.planner =
                new Planner(
                        planned,
                        plan.inputs().stream()
                                .collect(Collectors.toMap(Input::name, Input::timing)));
        this.reader = reader;
        // Without rows only a clock can end a window, where rows happen when they arrive.
        boolean byClock = plan.inputs().stream().anyMatch(input -> input.timing().byArrival());
        Duration pause = byClock || plan.latency().compareTo(PAUSE) > 0 ? plan.latency() : PAUSE;
        this.ahead =
                new ReadAhead((before, busy) ->
                        reader.read(
                                plan.latency(),
                                pause,
                                ROWS_PER_RUN,
                                input -> planner.lateBefore(before, input),
                                busy));
        this.writer = writer;
        this.trino = trino;
        this.status = status;
        this.clock = clock;
        this.progress = progress;
        this.committed = progress;
        this.committedAt = clock.millis();
    }

    /** A query is known by its output and its place among those of that output. */
    static List<Planner.Query> planned(List<ContinuousQuery> queries) {
        Map<String, Integer> counts = new HashMap<>();
        List<Planner.Query> planned = new ArrayList<>();
        for (ContinuousQuery query : queries) {
            String output = String.join(".", query.output());
            int number = counts.merge(output, 1, Integer::sum);
            planned.add(new Planner.Query(output + "#" + number, query.timing(), query.inputs()));
        }
        return planned;
    }

    /** Runs until told to stop. */
    void run(BooleanSupplier stop) throws InterruptedException, ApplicationException {
        reader.resume(progress);
        while (!stop.getAsBoolean()) {
            step(stop);
        }
    }

    /** Reads, decides, runs and commits once. */
    private void step(BooleanSupplier stop) throws InterruptedException, ApplicationException {
        List<String> missing = reader.missing();
        if (missing.isEmpty()) {
            status.inputsReady();
        } else {
            status.inputMissing(missing);
        }
        Map<String, InputRead> reads = ahead.get(progress);
        status.read(reads);
        Planner.Decision decision = planner.decide(progress, reads, clock.millis());
        List<LateRow> late = reader.takeLateRows();
        status.counts(reader.errors(), reader.late(), reader.expired());
        ahead.begin(decision.after());
        if (decision.runs().isEmpty() && late.isEmpty()) {
            progress = decision.after();
            commitQuietly();
        } else {
            carryOut(decision, late, stop);
        }
        status.progressed(progress, clock.millis());
    }

    private void commitQuietly() throws InterruptedException, ApplicationException {
        boolean due = clock.millis() - committedAt >= QUIET_COMMIT.toMillis();
        // Where an application begins is written down at once: LATEST is another place later.
        if (progress.equals(committed) || !due && !committed.inputs().isEmpty()) {
            return;
        }
        try {
            writer.commit(progress);
            committed(progress);
        } catch (ShardMovedException | TimeoutException e) {
            throw new ApplicationException("BrokersFailed", e);
        }
    }

    private void committed(Progress now) {
        progress = now;
        committed = now;
        committedAt = clock.millis();
    }

    /** Tries until it is done: a decision is not made anew. */
    private void carryOut(Planner.Decision decision, List<LateRow> late, BooleanSupplier stop)
            throws InterruptedException, ApplicationException {
        for (int attempt = 1; !stop.getAsBoolean(); attempt++) {
            try {
                Progress after = run(decision);
                for (LateRow row : late) {
                    writeLate(row);
                }
                long written = writer.commit(after);
                committed(after);
                status.wrote(written);
                return;
            } catch (ShardMovedException e) {
                writer.abort();
                Thread.sleep(Duration.ofMillis(50));
            } catch (OutputMissingException e) {
                writer.abort();
                status.outputMissing(String.valueOf(e.getMessage()));
                log.warn("{}; tried again", e.getMessage());
                pause(attempt);
            } catch (SQLException e) {
                writer.abort();
                status.queryFailed(e, TrinoQueries.isOfTheQuery(e));
                log.warn("A query failed and is tried again: {}", e.getMessage());
                pause(attempt);
            } catch (TimeoutException e) {
                throw new ApplicationException("BrokersFailed", e);
            }
        }
    }

    private static void pause(int attempt) throws InterruptedException {
        Thread.sleep(Duration.ofMillis(Math.min(10_000, 100L << Math.min(attempt, 10))));
    }

    private Progress run(Planner.Decision decision) throws SQLException, OutputMissingException {
        Progress after = decision.after();
        for (Planner.Run run : decision.runs()) {
            ContinuousQuery query = queries.get(run.query());
            Output output = output(query);
            trino.<OutputMissingException>query(
                    query.sql(run.ranges(), run.span()), rows -> write(rows, query, output));
            if (query.timing() instanceof Timing.Sessions) {
                OptionalLong open = trino.time(query.openSessionsSql(run.ranges(), run.span()));
                after =
                        withQuery(
                                after,
                                planned.get(run.query()).key(),
                                new QueryProgress(run.span().to(), open.orElse(run.span().to())));
            }
        }
        return after;
    }

    private static Progress withQuery(Progress progress, String key, QueryProgress query) {
        Map<String, QueryProgress> queries = new HashMap<>(progress.queries());
        queries.put(key, query);
        return new Progress(progress.inputs(), queries);
    }

    private Output output(ContinuousQuery query) {
        Output output = outputs.get(query.output().getLast());
        if (output == null) {
            throw new IllegalStateException("Not checked: " + query.output());
        }
        return output;
    }

    private void write(ResultSet rows, ContinuousQuery query, Output output)
            throws SQLException, OutputMissingException {
        RowEncoder encoder =
                new RowEncoder(rows, output.format(), query.columns(), output.partitionKeyColumn());
        while (rows.next()) {
            byte[] data = encoder.encode();
            String key = encoder.partitionKey().orElseGet(() -> spread(data));
            writer.write(output.stream(), key, data);
        }
    }

    /** A key of the row's content: equal rows stay together, others are spread. */
    private static String spread(byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(data);
        return Long.toHexString(crc.getValue());
    }

    private void writeLate(LateRow row) throws OutputMissingException {
        for (Output output : outputs.values()) {
            if (output.takesLateRows()) {
                writer.write(
                        output.stream(),
                        row.partitionKey().isEmpty() ? spread(row.data()) : row.partitionKey(),
                        LateRows.encode(row).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Override
    public void close() {
        ahead.close();
        reader.close();
        writer.close();
        trino.close();
    }
}
