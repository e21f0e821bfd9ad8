/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.InputReader;
import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.ProgressLog;
import dev.millrace.analytics.output.ResultWriter;
import dev.millrace.analytics.progress.Progress;
import dev.millrace.analytics.sql.ContinuousQuery;
import dev.millrace.analytics.sql.Span;
import dev.millrace.analytics.sql.SqlException;
import dev.millrace.analytics.status.ApplicationStatus;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.table.ScanRanges;
import dev.millrace.table.TableDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
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
            Optional<List<ContinuousQuery>> queries = checked();
            if (queries.isEmpty()) {
                return;
            }
            followShards();
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

    // --- the code

    /** The queries, once Trino has agreed to them; none if they are wrong. */
    private Optional<List<ContinuousQuery>> checked() throws InterruptedException {
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
            List<ContinuousQuery> queries = checked(plan.code(), tables);
            status.codeValid();
            return Optional.of(queries);
        } catch (SqlException e) {
            log.error("The application's SQL cannot be run: {}", e.getMessage());
            status.codeInvalid(e);
            return fallback(tables);
        }
    }

    /** The last SQL that was right goes on. */
    private Optional<List<ContinuousQuery>> fallback(Map<String, TableDescription> tables)
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

    private List<ContinuousQuery> checked(String code, Map<String, TableDescription> tables)
            throws SqlException, InterruptedException {
        List<ContinuousQuery> queries =
                ContinuousQuery.parse(
                        code,
                        tables,
                        plan.outputs().stream().map(Output::name).collect(Collectors.toSet()),
                        plan.history());
        for (ContinuousQuery query : queries) {
            check(query);
        }
        return queries;
    }

    private void check(ContinuousQuery query) throws SqlException, InterruptedException {
        Map<String, ScanRanges> nothing = new HashMap<>();
        query.inputs().forEach(input -> nothing.put(input, new ScanRanges(List.of())));
        Span span = new Span(0, 1);
        List<String> outputs =
                plan.outputs().stream()
                        .filter(output -> !output.takesLateRows())
                        .map(Output::name)
                        .toList();
        if (!outputs.contains(query.output().getLast())) {
            throw query.refused(
                    nothing,
                    span,
                    1,
                    1,
                    "There is no output "
                            + String.join(".", query.output())
                            + "; the outputs are "
                            + outputs);
        }
        String sql = query.sql(nothing, span);
        for (int attempt = 1; !stopping; attempt++) {
            try (TrinoQueries queries = trino.get()) {
                Optional<TrinoQueries.Complaint> complaint = queries.check(sql);
                if (complaint.isPresent()) {
                    throw query.refused(
                            nothing,
                            span,
                            complaint.get().line(),
                            complaint.get().column(),
                            complaint.get().problem());
                }
                return;
            } catch (SQLException e) {
                // Trino takes its time to start.
                status.trinoUnreachable(String.valueOf(e.getMessage()));
                Thread.sleep(Duration.ofMillis(Math.min(2_000, 100L * attempt)));
            }
        }
    }

    // --- running

    private void session(List<ContinuousQuery> queries) throws InterruptedException {
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

    private Application open(List<ContinuousQuery> queries)
            throws InterruptedException, TimeoutException {
        ProgressLog progressLog = new ProgressLog(plan.id());
        try (Admin admin = Admin.create(plan.kafka())) {
            progressLog.create(admin);
        }
        RecordCipher cipher =
                new RecordCipher(plan.encryptionKeys(), new SecureRandom(), System::nanoTime);
        ResultWriter writer =
                new ResultWriter(producer(), consumer(), view, cipher, progressLog.partition());
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
                            clock);
            return new Application(
                    plan, queries, progress, reader, writer, trino.get(), status, clock);
        } catch (RuntimeException e) {
            writer.close();
            consumer.close();
            throw e;
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 20_000);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
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
