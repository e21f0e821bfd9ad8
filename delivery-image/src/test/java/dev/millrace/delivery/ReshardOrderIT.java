/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Web;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What was put into a shard is delivered before what was put into those that came of it. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(240)
class ReshardOrderIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RECORDS = 60;

    private final List<String> arrived = new CopyOnWriteArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean takesOld;

    @TempDir private Path directory;

    @Test
    void parentsAreDeliveredBeforeTheirChildren(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("ordered-backup"));
        pool.createStream("ordered", 1);
        try (Web web = new Web((_, body) -> answer(body))) {
            pool.put("ordered", records("old"));
            try (Worker worker = Worker.start(directory, pool, config(web, s3))) {
                await(worker, () -> refused.get() > 0);
                pool.reshard("ordered", 2);
                pool.put("ordered", records("new"));
                await(
                        worker,
                        () ->
                                worker.status()
                                                .orElseThrow()
                                                .path("source")
                                                .path("waitingForParents")
                                                .asInt()
                                        > 0);
                assertThat(arrived).isEmpty();
                takesOld = true;
                await(worker, () -> arrived.size() >= 2 * RECORDS);
            }
        }
        assertThat(arrived.subList(0, RECORDS)).allMatch(record -> record.startsWith("old"));
        assertThat(arrived.subList(RECORDS, 2 * RECORDS))
                .allMatch(record -> record.startsWith("new"));
    }

    private Web.Answer answer(byte[] body) throws IOException {
        JsonNode request = JSON.readTree(body);
        List<String> records = new ArrayList<>();
        for (JsonNode record : request.path("records")) {
            records.add(new String(record.path("data").binaryValue(), StandardCharsets.UTF_8));
        }
        if (!takesOld && records.getFirst().startsWith("old")) {
            refused.incrementAndGet();
            return new Web.Answer(503, "text/plain", "not yet");
        }
        arrived.addAll(records);
        return Web.Answer.json(
                "{\"requestId\":\"%s\",\"timestamp\":1}"
                        .formatted(request.path("requestId").asText()));
    }

    private static List<String> records(String prefix) {
        List<String> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(prefix + "-" + i);
        }
        return records;
    }

    private static void await(Worker worker, Callable<Boolean> condition) throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .failFast(worker.log(), () -> !worker.isAlive())
                .pollInterval(Duration.ofMillis(300))
                .until(condition);
    }

    private static String config(Web web, S3Server s3) {
        return """
        {"name": "ordered", "uid": "1", "createdAt": "2026-01-01T00:00:00Z", "sourceStream": "ordered",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"httpEndpoint": {"url": "%s", "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}},
          "retry": {"durationSeconds": 7200},
          "backup": {"mode": "FailedDataOnly", "s3": {"endpoint": "%s", "bucket": "ordered-backup",
           "credentialsSecretRef": {"name": "s3"}}}}}
        """
                .formatted(web.url(), s3.endpoint());
    }
}
