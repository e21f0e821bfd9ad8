/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.InputReader;
import dev.millrace.analytics.input.LateRow;
import dev.millrace.analytics.input.MalformedRow;
import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.ResultWriter;
import dev.millrace.analytics.output.RowEncoder;
import dev.millrace.analytics.output.TableTarget;
import dev.millrace.analytics.progress.EarlyResults;
import dev.millrace.analytics.progress.Planner;
import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.analytics.progress.Progress;
import dev.millrace.analytics.progress.QueryProgress;
import dev.millrace.analytics.progress.TableWrite;
import dev.millrace.analytics.sql.ContinuousQuery;
import dev.millrace.analytics.sql.Timing;
import dev.millrace.analytics.status.ApplicationStatus;
import dev.millrace.shard.log.ShardMovedException;
import dev.millrace.shard.log.StreamMissingException;
import dev.millrace.table.ScanRanges;
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
 * committed counts. Statements that write tables of other catalogs are committed with the progress,
 * and run before anything else is. One thread runs it; another one reads on while queries run.
 */
final class Application implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Application.class);
    private static final long ROWS_PER_RUN = 2_000_000;

    /** So often it is looked after shards that are silent, where nothing comes. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration PAUSE_MAX = Duration.ofSeconds(10);
    private static final Duration TRINO_PAUSE_MAX = Duration.ofSeconds(1);

    /** Progress without results is written this often: a restart reads that much again. */
    private static final Duration QUIET_COMMIT = Duration.ofSeconds(5);

    private final String id;
    private final List<CheckedQuery> queries;
    private final List<Output.ToStream> lateOutputs;
    private final List<Output.ToStream> malformedOutputs;
    private final Planner planner;
    private final List<Planner.Query> planned;
    private final InputReader reader;
    private final ReadAhead ahead;
    private final ResultWriter writer;
    private final TrinoQueries trino;
    private final ApplicationStatus status;
    private final InstantSource clock;
    private boolean tablesAreOurs;
    private Progress progress;
    private Progress committed;
    private long committedAt;

    Application(
            ApplicationPlan plan,
            List<CheckedQuery> queries,
            Progress progress,
            InputReader reader,
            ResultWriter writer,
            TrinoQueries trino,
            ApplicationStatus status,
            InstantSource clock) {
        this.id = plan.id();
        this.queries = List.copyOf(queries);
        this.lateOutputs = plan.outputsOf(Output.Content.LATE_ROWS);
        this.malformedOutputs = plan.outputsOf(Output.Content.MALFORMED);
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
    static List<Planner.Query> planned(List<CheckedQuery> queries) {
        Map<String, Integer> counts = new HashMap<>();
        List<Planner.Query> planned = new ArrayList<>();
        for (CheckedQuery checked : queries) {
            ContinuousQuery query = checked.query();
            String output = String.join(".", query.output());
            int number = counts.merge(output, 1, Integer::sum);
            planned.add(
                    new Planner.Query(
                            output + "#" + number,
                            query.timing(),
                            query.inputs(),
                            checked.early().isPresent()));
        }
        return planned;
    }

    /** Runs until told to stop. */
    void run(BooleanSupplier stop) throws InterruptedException, ApplicationException {
        writeTables(stop);
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
        LeftOut leftOut = new LeftOut(reader.takeLateRows(), reader.takeMalformedRows());
        status.counts(reader.errors(), reader.late(), reader.expired());
        List<EarlyRun> early = earlyRuns(decision);
        ahead.begin(decision.after());
        if (decision.runs().isEmpty() && leftOut.isEmpty() && early.isEmpty()) {
            progress = decision.after();
            commitQuietly();
        } else {
            carryOut(decision, early, leftOut, stop);
            writeTables(stop);
        }
        status.progressed(progress, clock.millis());
    }

    /**
     * Results of windows that are open, or were until now.
     *
     * @param before the records of those that were given
     */
    private record EarlyRun(Planner.Run run, Map<String, ScanRanges> before) {}

    /** Where windows end, or it is time again, and there are other rows than before. */
    private List<EarlyRun> earlyRuns(Planner.Decision decision) {
        List<EarlyRun> early = new ArrayList<>();
        for (Planner.Run open : decision.open()) {
            EarlyResults given = progress.early(planned.get(open.query()).key());
            long every = queries.get(open.query()).early().orElse(Duration.ZERO).toMillis();
            boolean due =
                    decision.closed().contains(open.query())
                            || clock.millis() - given.at() >= every;
            if (due && !texts(open.ranges()).equals(given.ranges())) {
                Map<String, ScanRanges> before = new HashMap<>();
                given.ranges().forEach((input, text) -> before.put(input, ScanRanges.parse(text)));
                early.add(new EarlyRun(open, before));
            }
        }
        return early;
    }

    private static Map<String, String> texts(Map<String, ScanRanges> ranges) {
        Map<String, String> texts = new HashMap<>();
        ranges.forEach((input, scanned) -> texts.put(input, scanned.toString()));
        return texts;
    }

    private Progress runEarly(List<EarlyRun> early, Progress progressOfRuns)
            throws SQLException, StreamMissingException {
        Progress after = progressOfRuns;
        for (EarlyRun one : early) {
            Planner.Run run = one.run();
            CheckedQuery checked = queries.get(run.query());
            if (checked.destination() instanceof CheckedQuery.Stream(Output.ToStream output)) {
                List<String> names = new ArrayList<>(checked.query().columns());
                if (!names.isEmpty()) {
                    names.addFirst(ContinuousQuery.CHANGE);
                }
                trino.<StreamMissingException>query(
                        checked.query().changesSql(one.before(), run.ranges(), run.span()),
                        rows -> write(rows, names, output));
            }
            after =
                    after.with(
                            planned.get(run.query()).key(),
                            new EarlyResults(texts(run.ranges()), clock.millis()));
        }
        return after;
    }

    /** Rows that go into no result. */
    private record LeftOut(List<LateRow> late, List<MalformedRow> malformed) {
        boolean isEmpty() {
            return late.isEmpty() && malformed.isEmpty();
        }
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
        status.stateBytes(writer.stateBytes());
    }

    /** Tries until it is done: a decision is not made anew. */
    private void carryOut(
            Planner.Decision decision, List<EarlyRun> early, LeftOut leftOut, BooleanSupplier stop)
            throws InterruptedException, ApplicationException {
        for (int attempt = 1; !stop.getAsBoolean(); attempt++) {
            try {
                Progress after = runEarly(early, run(decision));
                writeLeftOut(leftOut);
                long written = writer.commit(after);
                committed(after);
                status.wrote(written);
                return;
            } catch (ShardMovedException e) {
                writer.abort();
                Thread.sleep(Duration.ofMillis(50));
            } catch (StreamMissingException e) {
                writer.abort();
                status.outputMissing(String.valueOf(e.getMessage()));
                log.warn("{}; tried again", e.getMessage());
                pause(attempt);
            } catch (SQLException e) {
                writer.abort();
                status.queryFailed(e, TrinoQueries.isOfTheQuery(e));
                log.warn("A query failed and is tried again: {}", e.getMessage());
                // To ask whether Trino is back costs next to nothing.
                pause(attempt, TrinoQueries.isOfTheQuery(e) ? PAUSE_MAX : TRINO_PAUSE_MAX);
            } catch (TimeoutException e) {
                throw new ApplicationException("BrokersFailed", e);
            }
        }
    }

    private static void pause(int attempt) throws InterruptedException {
        pause(attempt, PAUSE_MAX);
    }

    private static void pause(int attempt, Duration atMost) throws InterruptedException {
        Thread.sleep(Duration.ofMillis(Math.min(atMost.toMillis(), 100L << Math.min(attempt, 10))));
    }

    private Progress run(Planner.Decision decision) throws SQLException, StreamMissingException {
        Progress after = decision.after();
        for (Planner.Run run : decision.runs()) {
            ContinuousQuery query = queries.get(run.query()).query();
            String sql = query.sql(run.ranges(), run.span());
            switch (queries.get(run.query()).destination()) {
                case CheckedQuery.Stream(Output.ToStream output) ->
                        trino.<StreamMissingException>query(
                                sql, rows -> write(rows, query.columns(), output));
                case CheckedQuery.Table(var _, TableTarget target) ->
                        after = after.with(target.write(sql, id + ":" + after.batches()));
            }
            if (query.timing() instanceof Timing.Sessions) {
                OptionalLong open = trino.time(query.openSessionsSql(run.ranges(), run.span()));
                after =
                        after.with(
                                planned.get(run.query()).key(),
                                new QueryProgress(run.span().to(), open.orElse(run.span().to())));
            }
        }
        return after;
    }

    /**
     * Runs what is committed and still to be run. That it was is written down with the next commit:
     * until then it may be run once more, which changes nothing.
     */
    private void writeTables(BooleanSupplier stop) throws InterruptedException {
        boolean first = true;
        for (int attempt = 1; !progress.writes().isEmpty() && !stop.getAsBoolean(); attempt++) {
            TableWrite last = progress.writes().getFirst();
            try {
                if (!first || !tablesAreOurs) {
                    // Of a process before this one, or of a connection that broke.
                    trino.awaitWritesEnded();
                    tablesAreOurs = true;
                }
                first = false;
                long rows = 0;
                for (TableWrite write : progress.writes()) {
                    last = write;
                    rows += trino.write(write);
                }
                progress = progress.withoutWrites();
                status.wrote(rows);
            } catch (SQLException e) {
                first = false;
                status.tableFailed(last.output(), e);
                log.warn("A table could not be written; tried again: {}", e.getMessage());
                pause(attempt);
            }
        }
    }

    private void write(ResultSet rows, List<String> names, Output.ToStream output)
            throws SQLException, StreamMissingException {
        RowEncoder encoder =
                new RowEncoder(rows, output.format(), names, output.partitionKeyColumn());
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

    private void writeLeftOut(LeftOut rows) throws StreamMissingException {
        for (Output.ToStream output : lateOutputs) {
            for (LateRow row : rows.late()) {
                writeLeftOut(output, row.partitionKey(), LeftOutRows.encode(row));
            }
        }
        for (Output.ToStream output : malformedOutputs) {
            for (MalformedRow row : rows.malformed()) {
                writeLeftOut(output, row.partitionKey(), LeftOutRows.encode(row));
            }
        }
    }

    private void writeLeftOut(Output.ToStream output, String key, byte[] data)
            throws StreamMissingException {
        writer.write(output.stream(), key.isEmpty() ? spread(data) : key, data);
    }

    @Override
    public void close() {
        ahead.close();
        reader.close();
        writer.close();
        trino.close();
    }
}
