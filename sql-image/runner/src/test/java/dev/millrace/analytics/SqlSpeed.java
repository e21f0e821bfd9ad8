/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import dev.millrace.table.TableDescription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long results take and how fast rows are read, printed: no test. {@code mvn -pl
 * sql-image/runner -am verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false
 * -Dit.test=SqlSpeed -Dfailsafe.failIfNoSpecifiedTests=false}
 */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
class SqlSpeed {

    private static final int ROUNDS = 150;
    private static final int ROWS = 2_000_000;

    /** From before the put until a consumer of the output has the result. */
    @Test
    void latency(Pool pool, Trino trino) throws Exception {
        pool.createStream("latency-in", 1);
        pool.createStream("latency-out", 1);
        pool.createStream("latency-windows", 1);
        String table =
                """
                {"name": "latency", "stream": "latency-in", "rowtime": "at", "columns": [{"name": "id", "type": "bigint"},
                  {"name": "at", "type": "timestamp(3)"}]}
                """;
        try (Running _ =
                        new Running.Builder(pool, trino, "latency")
                                .input(table, Duration.ZERO, Duration.ofSeconds(30))
                                .output("latency-out")
                                .output("latency-windows")
                                .start(
                                        """
                                        INSERT INTO "latency-out" SELECT id FROM latency;
                                        INSERT INTO "latency-windows" SELECT window_start, count(*) AS n FROM
                                          TABLE(TUMBLE(TABLE(latency), DESCRIPTOR(at), INTERVAL '1' SECOND)) GROUP BY 1;
                                        """);
                KafkaConsumer<byte[], byte[]> consumer = consumer(pool)) {
            consumer.subscribe(List.of(pool.topic("latency-out"), pool.topic("latency-windows")));
            long[] rows = new long[ROUNDS];
            long[] windows = new long[ROUNDS];
            int first = -20; // The first ones warm it up.
            for (int round = first; round < ROUNDS; round++) {
                long start = System.nanoTime();
                pool.put(
                        "latency-in",
                        List.of(
                                "{\"id\":%d,\"at\":%d}"
                                        .formatted(round, 1_795_428_000_000L + round * 1_000L)));
                long row = 0;
                long window = round == first ? 1 : 0; // Nothing ends with the first row.
                while (row == 0 || window == 0) {
                    for (ConsumerRecord<byte[], byte[]> record :
                            consumer.poll(Duration.ofSeconds(30))) {
                        if (record.topic().contains("windows")) {
                            window = System.nanoTime() - start;
                        } else {
                            row = System.nanoTime() - start;
                        }
                    }
                }
                if (round >= 0) {
                    rows[round] = row;
                    windows[round] = window;
                }
            }
            print("rows by themselves", rows);
            print("a window, after the row that ends it", windows);
        }
    }

    /** A tumbling aggregate over rows of 200 bytes, five columns, by Trino alone. */
    @Test
    void throughput(Pool pool, Trino trino) throws Exception {
        pool.createStream("speed", 4);
        TableDescription.parse(
                        """
                        {"name": "speed", "stream": "speed", "rowtime": "at", "columns": [{"name": "at", "type": "timestamp(3)"},
                          {"name": "id", "type": "bigint"}, {"name": "region", "type": "varchar"}, {"name": "price", "type": "double"},
                          {"name": "note", "type": "varchar"}]}
                        """)
                .writeTo(trino.tables());
        String topic = pool.topic("speed");
        Properties properties = new Properties();
        properties.put("bootstrap.servers", pool.bootstrapServers());
        properties.put("linger.ms", "20");
        properties.put("batch.size", "262144");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            String note = "x".repeat(110);
            for (int i = 0; i < ROWS; i++) {
                String row =
                        "{\"at\":%d,\"id\":%d,\"region\":\"r%d\",\"price\":%d.5,\"note\":\"%s\"}"
                                .formatted(1_795_428_000_000L + i, i, i % 20, i % 1_000, note);
                var _ =
                        producer.send(
                                new ProducerRecord<>(
                                        topic, i % 4, null, row.getBytes(StandardCharsets.UTF_8)));
            }
        }
        List<Long> millis = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            long start = System.nanoTime();
            List<List<String>> result =
                    trino.query(
                            "SELECT date_trunc('minute', at), region, count(*), sum(price), max(id), max(length(note)) FROM"
                                    + " speed GROUP BY 1, 2");
            millis.add((System.nanoTime() - start) / 1_000_000);
            assertThat(result.stream().mapToLong(row -> Long.parseLong(row.get(2))).sum())
                    .isEqualTo(ROWS);
        }
        System.out.printf(
                "%d rows of about 190 bytes, 5 columns, by minute and region: %s ms, %d rows/s in the best round%n",
                ROWS, millis, ROWS * 1_000L / millis.stream().min(Long::compare).orElseThrow());
    }

    private static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%s: p50 %d ms, p99 %d ms, longest %d ms%n",
                what,
                nanos[nanos.length / 2] / 1_000_000,
                nanos[nanos.length * 99 / 100] / 1_000_000,
                nanos[nanos.length - 1] / 1_000_000);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Pool pool) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", pool.bootstrapServers(),
                        "group.id", "speed",
                        "auto.offset.reset", "earliest",
                        "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }
}
