/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.ql.exec.vector.LongColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.VectorizedRowBatch;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.orc.RecordReader;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.LocalInputFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON records of a stream as rows of files in a bucket, by workers that are killed. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class ColumnsIT {

    private static final int RECORDS = 2_000;
    private static final int POISON = 20;

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"Parquet", "ORC"})
    void eachRowIsThereOnce(String format, Pool pool, S3Server s3) throws Exception {
        String bucket = "columns-" + format.toLowerCase(java.util.Locale.ROOT);
        s3.client().createBucket(r -> r.bucket(bucket));
        pool.createStream(bucket, 2);
        List<String> put = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            put.add("{\"id\":%d,\"item\":{\"sku\":\"s%d\"}}".formatted(i, i));
            expected.add((long) i);
        }
        for (int i = 0; i < POISON; i++) {
            put.add("{\"id\":\"none " + i + "\"}");
        }
        pool.put(bucket, put);
        String config = config(s3, bucket, format);
        try (Worker dying = Worker.start(directory, pool, config, "UPLOADED", "1")) {
            dying.awaitDeath();
        }
        try (Worker worker = Worker.start(directory, pool, config)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> ids(s3, bucket).size() >= RECORDS && errors(s3, bucket) >= POISON);
        }
        assertThat(ids(s3, bucket)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(errors(s3, bucket)).isEqualTo(POISON);
        assertThat(s3.objects(bucket, "rows/").keySet())
                .allMatch(key -> key.endsWith(format.equals("ORC") ? ".orc" : ".parquet"));
    }

    private List<Long> ids(S3Server s3, String bucket) throws IOException {
        List<Long> ids = new ArrayList<>();
        for (byte[] object : s3.objects(bucket, "rows/").values()) {
            Path file = Files.write(Files.createTempFile(directory, "rows", ""), object);
            ids.addAll(bucket.endsWith("orc") ? orc(file) : parquet(file));
        }
        return ids;
    }

    private static List<Long> parquet(Path file) throws IOException {
        List<Long> ids = new ArrayList<>();
        try (ParquetReader<Group> reader =
                new ParquetReader.Builder<Group>(new LocalInputFile(file)) {
                    @Override
                    protected GroupReadSupport getReadSupport() {
                        return new GroupReadSupport();
                    }
                }.build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                long id = row.getLong("id", 0);
                assertThat(row.getGroup("item", 0).getString("sku", 0)).isEqualTo("s" + id);
                ids.add(id);
            }
        }
        return ids;
    }

    private static List<Long> orc(Path file) throws IOException {
        List<Long> ids = new ArrayList<>();
        try (Reader reader =
                        OrcFile.createReader(
                                new org.apache.hadoop.fs.Path(file.toUri()),
                                OrcFile.readerOptions(new Configuration(false)));
                RecordReader rows = reader.rows()) {
            VectorizedRowBatch batch = reader.getSchema().createRowBatch();
            while (rows.nextBatch(batch)) {
                LongColumnVector column = (LongColumnVector) batch.cols[0];
                for (int i = 0; i < batch.size; i++) {
                    ids.add(column.vector[column.isRepeating ? 0 : i]);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return ids;
    }

    private static long errors(S3Server s3, String bucket) {
        return s3.objects(bucket, "errors/format-conversion-failed/").values().stream()
                .flatMap(object -> new String(object, StandardCharsets.UTF_8).lines())
                .filter(line -> line.contains("\"lastErrorCode\":\"DataFormatConversion.Malformed"))
                .count();
    }

    private static String config(S3Server s3, String bucket, String format) {
        return """
        {"name": "to-rows", "uid": "%2$s", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "%2$s",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"s3": {"endpoint": "%1$s", "bucket": "%2$s", "prefix": "rows/",
           "errorOutputPrefix": "errors/", "credentialsSecretRef": {"name": "s3"},
           "buffering": {"sizeMiB": 64, "intervalSeconds": 1},
           "dataFormatConversion": {"format": "%3$s", "compression": "ZSTD", "columns": [
            {"name": "id", "type": "bigint"},
            {"name": "item", "type": "struct<sku:string>"}]}}}}}
        """
                .formatted(s3.endpoint(), bucket, format);
    }
}
