/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.InputReader;
import dev.millrace.analytics.input.StreamSampler;
import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.ProgressLog;
import dev.millrace.analytics.output.ResultWriter;
import dev.millrace.analytics.output.TableTarget;
import dev.millrace.analytics.progress.Progress;
import dev.millrace.analytics.progress.TableWrite;
import dev.millrace.analytics.sql.ContinuousQuery;
import dev.millrace.analytics.sql.Span;
import dev.millrace.analytics.sql.SqlException;
import dev.millrace.analytics.sql.Timing;
import dev.millrace.analytics.status.ApplicationStatus;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.log.StreamTransaction;
import dev.millrace.table.DataFormat;
import dev.millrace.table.ScanRanges;
import dev.millrace.table.SchemaInference;
import dev.millrace.table.TableDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an application running: checks its SQL, runs it, and begins anew from what is committed
 * when brokers or Trino were away.
 */
public final class ApplicationRunner implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ApplicationRunner.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);
    private static final Duration PROPOSE_AGAIN = Duration.ofMinutes(1);
    private static final Duration PROPOSE_EMPTY_AGAIN = Duration.ofSeconds(5);

    private final ApplicationPlan plan;
    private final Supplier<TrinoQueries> trino;
    private final ApplicationStatus status;
    private final InstantSource clock;
    private final Runnable ended;
    private final ShardMapView view;
    private final Thread thread;
    private volatile boolean stopping;

    /**
     * @param ended called when the application ends by itself: another process has taken its place,
     *     or something happened that nobody thought of. The process is to be begun anew then
     */
    public ApplicationRunner(
            ApplicationPlan plan,
            Supplier<TrinoQueries> trino,
            ApplicationStatus status,
            InstantSource clock,
            Runnable ended) {
        this.plan = plan;
        this.trino = trino;
        this.status = status;
        this.clock = clock;
        this.ended = ended;
        this.view = new ShardMapView(plan.kafka());
        this.thread = Thread.ofPlatform().name("application").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Stops after the present step, whose results are committed or not at all. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        if (!thread.join(STOP_MAX)) {
            thread.interrupt();
        }
        view.close();
    }

    private void run() {
        try {
            followShards();
            if (plan.inputs().stream().anyMatch(input -> !input.isKnown())) {
                proposeColumns();
                return;
            }
            Optional<List<CheckedQuery>> queries = checked();
            if (queries.isEmpty()) {
                return;
            }
            while (!stopping) {
                session(queries.get());
            }
        } catch (InterruptedException | InterruptException _) {
            log.info("Stopped while it waited");
        } catch (ProducerFencedException e) {
            log.error("Another process runs this application now; this one ends");
            status.replaced();
            ended.run();
        } catch (RuntimeException e) {
            log.error("The application ends", e);
            status.failed("InternalError", e.toString());
            ended.run();
        }
    }

    private void followShards() throws InterruptedException {
        try {
            view.start(Duration.ofSeconds(30));
        } catch (TimeoutException e) {
            status.failed("BrokersUnreachable", String.valueOf(e.getMessage()));
        }
    }

    // --- inputs of which nobody said what they are

    /** Looks at the streams again and again: the columns come with another configuration. */
    private void proposeColumns() throws InterruptedException {
        List<Input> unknown = plan.inputs().stream().filter(input -> !input.isKnown()).toList();
        while (!stopping) {
            try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                StreamSampler sampler = new StreamSampler(consumer, view, cipher());
                for (Input input : unknown) {
                    List<byte[]> records = sampler.sample(input.table().stream());
                    status.proposed(
                            input.name(),
                            records.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(SchemaInference.of(records, declared(input))));
                }
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                status.failed("BrokersFailed", e.toString());
            }
            pause(status.hasProposals() ? PROPOSE_AGAIN : PROPOSE_EMPTY_AGAIN);
        }
    }

    /** JSON is also what is taken where nothing is said. */
    private static Optional<DataFormat> declared(Input input) {
        return Optional.of(input.table().format())
                .filter(format -> format.type() != DataFormat.Type.JSON);
    }

    private void pause(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!stopping && System.nanoTime() < end) {
            Thread.sleep(Duration.ofMillis(100));
        }
    }

    // --- the code

    /** The queries, once Trino has agreed to them; none if they are wrong. */
    private Optional<List<CheckedQuery>> checked() throws InterruptedException {
        Map<String, TableDescription> tables =
                plan.inputs().stream().collect(Collectors.toMap(Input::name, Input::table));
        try {
            Files.createDirectories(plan.tables());
            for (TableDescription table : tables.values()) {
                table.writeTo(plan.tables());
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        try {
            List<CheckedQuery> queries = checked(plan.code(), tables);
            status.codeValid();
            return Optional.of(queries);
        } catch (SqlException e) {
            log.error("The application's SQL cannot be run: {}", e.getMessage());
            status.codeInvalid(e);
            return fallback(tables);
        }
    }

    /** The last SQL that was right goes on. */
    private Optional<List<CheckedQuery>> fallback(Map<String, TableDescription> tables)
            throws InterruptedException {
        if (plan.fallback().isEmpty() || plan.fallback().get().equals(plan.code())) {
            return Optional.empty();
        }
        try {
            return Optional.of(checked(plan.fallback().get(), tables));
        } catch (SqlException e) {
            log.error("Nor can the SQL before it: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private List<CheckedQuery> checked(String code, Map<String, TableDescription> tables)
            throws SqlException, InterruptedException {
        List<ContinuousQuery> queries =
                ContinuousQuery.parse(
                        code,
                        tables,
                        plan.outputs().stream().map(Output::name).collect(Collectors.toSet()),
                        plan.history());
        List<CheckedQuery> checked = new ArrayList<>();
        for (ContinuousQuery query : queries) {
            checked.add(check(query));
        }
        return checked;
    }

    private CheckedQuery check(ContinuousQuery query) throws SqlException, InterruptedException {
        Map<String, ScanRanges> nothing = new HashMap<>();
        query.inputs().forEach(input -> nothing.put(input, new ScanRanges(List.of())));
        Span span = new Span(0, 1);
        List<String> name =
                query.output().stream().map(part -> part.toLowerCase(Locale.ROOT)).toList();
        Output output =
                Output.named(plan.outputs(), name)
                        .orElseThrow(
                                () -> query.refused(nothing, span, 1, 1, noOutput(query.output())));
        String sql = query.sql(nothing, span);
        refuse(query, nothing, span, ask(queries -> queries.check(sql)));
        if (output instanceof Output.ToStream stream && stream.early().isPresent()) {
            checkEarly(query, nothing, span);
        }
        return switch (output) {
            case Output.ToStream stream -> new CheckedQuery(query, new CheckedQuery.Stream(stream));
            case Output.ToTable table -> {
                TableTarget target;
                try {
                    target =
                            TableTarget.of(
                                    table, ask(queries -> queries.labels(sql)), query.columns());
                } catch (IllegalArgumentException e) {
                    throw query.refused(nothing, span, 1, 1, String.valueOf(e.getMessage()));
                }
                TableWrite write = target.write(sql, "");
                refuse(query, nothing, span, ask(queries -> queries.check(write)));
                yield new CheckedQuery(query, new CheckedQuery.Table(table, target));
            }
        };
    }

    /** Whether results can be given before they are final, and be compared with later ones. */
    private void checkEarly(ContinuousQuery query, Map<String, ScanRanges> nothing, Span span)
            throws SqlException, InterruptedException {
        if (query.timing() instanceof Timing.Sessions
                || query.timing() instanceof Timing.Lookback
                || query.timing() instanceof Timing.Stateless) {
            throw query.refused(
                    nothing,
                    span,
                    1,
                    1,
                    "earlySeconds is for TUMBLE, HOP, CUMULATE and GROUP BY of a bucketed rowtime: other results come as soon as they can");
        }
        String changes = query.changesSql(nothing, nothing, span);
        refuse(
                query,
                nothing,
                span,
                ask(queries -> queries.check(changes))
                        .map(complaint ->
                                new TrinoQueries.Complaint(
                                        1, 1, "For earlySeconds: " + complaint.problem())));
    }

    private String noOutput(List<String> name) {
        return "There is no output "
                + String.join(".", name)
                + "; the outputs are "
                + plan.outputs().stream().filter(Output::takesResults).map(Output::name).toList();
    }

    private static void refuse(
            ContinuousQuery query,
            Map<String, ScanRanges> ranges,
            Span span,
            Optional<TrinoQueries.Complaint> complaint)
            throws SqlException {
        if (complaint.isPresent()) {
            throw query.refused(
                    ranges,
                    span,
                    complaint.get().line(),
                    complaint.get().column(),
                    complaint.get().problem());
        }
    }

    private interface Question<T> {
        T ask(TrinoQueries queries) throws SQLException;
    }

    /** Asks Trino for as long as it takes. */
    private <T> T ask(Question<T> question) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            if (stopping) {
                throw new InterruptedException("Told to stop");
            }
            try (TrinoQueries queries = trino.get()) {
                return question.ask(queries);
            } catch (SQLException e) {
                // Trino takes its time to start.
                status.trinoUnreachable(String.valueOf(e.getMessage()));
                Thread.sleep(Duration.ofMillis(Math.min(2_000, 100L * attempt)));
            }
        }
    }

    // --- running

    private void session(List<CheckedQuery> queries) throws InterruptedException {
        try (Application application = open(queries)) {
            status.running();
            application.run(() -> stopping);
        } catch (InterruptException | ProducerFencedException e) {
            throw e;
        } catch (ApplicationException e) {
            again(e.reason(), e);
        } catch (KafkaException | IllegalStateException | TimeoutException e) {
            again("BrokersFailed", e);
        }
    }

    private void again(String reason, Exception e) throws InterruptedException {
        log.warn("Begins anew from what is committed, after: {}", e.toString(), e);
        status.failed(reason, e.toString());
        Thread.sleep(PAUSE);
    }

    private Application open(List<CheckedQuery> queries)
            throws InterruptedException, TimeoutException {
        ProgressLog progressLog = new ProgressLog(plan.id());
        try (Admin admin = Admin.create(plan.kafka())) {
            progressLog.create(admin);
        }
        RecordCipher cipher = cipher();
        ResultWriter writer =
                new ResultWriter(
                        new StreamTransaction(producer(), consumer(), view, cipher),
                        progressLog.partition());
        KafkaConsumer<byte[], byte[]> consumer = consumer();
        try {
            writer.takeOver();
            Progress progress = progressLog.read(consumer).orElse(Progress.NONE);
            InputReader reader =
                    new InputReader(
                            consumer,
                            consumer(),
                            view,
                            plan.inputs(),
                            plan.startAt(),
                            cipher,
                            clock,
                            !plan.outputsOf(Output.Content.MALFORMED).isEmpty());
            return new Application(
                    plan, queries, progress, reader, writer, trino.get(), status, clock);
        } catch (RuntimeException e) {
            writer.close();
            consumer.close();
            throw e;
        }
    }

    private RecordCipher cipher() {
        return new RecordCipher(plan.encryptionKeys(), new SecureRandom(), System::nanoTime);
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 << 20);
        properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 3_000);
        properties.putAll(plan.kafka());
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "millrace.analytics." + plan.id());
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 60_000);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 << 20);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 2);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
        properties.putAll(plan.kafka());
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
