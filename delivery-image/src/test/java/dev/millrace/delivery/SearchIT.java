/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.SearchServer;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Documents of a real OpenSearch, from workers that are killed; poison goes to the backup. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class, SearchServer.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class SearchIT {

    private static final int RECORDS = 1_000;
    private static final int POISON = 10;

    @TempDir private Path directory;

    @Test
    void eachDocumentIsThereOnceAndPoisonIsInTheBackup(Pool pool, S3Server s3, SearchServer search)
            throws Exception {
        s3.client().createBucket(r -> r.bucket("search-backup"));
        search.ask("PUT", "/logs", "{\"mappings\":{\"properties\":{\"n\":{\"type\":\"long\"}}}}");
        pool.createStream("search", 2);
        List<String> put = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            // As it is written by hand, now and then: a document is one line for OpenSearch.
            put.add(i % 100 == 0 ? "{\n \"n\": " + i + "\n}" : "{\"n\":" + i + "}");
            expected.add(i);
        }
        for (int i = 0; i < POISON; i++) {
            put.add(i % 2 == 0 ? "{\"n\":{\"poison\":" + i + "}}" : "no json " + i);
        }
        pool.put("search", put);
        String config = config(s3, search.endpoint().toString());
        for (String step : List.of("UPLOADED", "COMPLETION_SENT")) {
            try (Worker dying = Worker.start(directory, pool, config, step, "1")) {
                dying.awaitDeath();
            }
        }
        try (Worker worker = Worker.start(directory, pool, config)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .pollInterval(Duration.ofMillis(500))
                    .until(() ->
                            search.documents("logs").size() >= RECORDS
                                    && errors(s3).size() >= POISON);
        }
        assertThat(search.documents("logs"))
                .extracting(document -> document.path("_source").path("n").asInt())
                .containsExactlyInAnyOrderElementsOf(expected);
        List<JsonNode> errors = errors(s3);
        assertThat(errors).hasSize(POISON);
        assertThat(errors)
                .allSatisfy(error -> {
                    assertThat(error.path("errorCode").asText()).isEqualTo("400");
                    assertThat(error.path("errorMessage").asText()).contains("exception");
                    assertThat(error.path("esIndexName").asText()).isEqualTo("logs");
                    assertThat(error.path("esDocumentId").asText()).isNotEmpty();
                });
    }

    private static List<JsonNode> errors(S3Server s3) throws Exception {
        List<JsonNode> errors = new ArrayList<>();
        for (byte[] object : s3.objects("search-backup", "failed/").values()) {
            for (String line : new String(object, StandardCharsets.UTF_8).lines().toList()) {
                errors.add(new ObjectMapper().readTree(line));
            }
        }
        return errors;
    }

    private static String config(S3Server s3, String endpoint) {
        return """
        {"name": "to-search", "uid": "1", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "search",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"opensearch": {"endpoint": "%s", "indexName": "logs",
           "indexRotationPeriod": "NoRotation",
           "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}},
          "backup": {"mode": "FailedDataOnly", "s3": {"endpoint": "%s",
           "bucket": "search-backup", "errorOutputPrefix": "failed/",
           "credentialsSecretRef": {"name": "s3"}}}}}
        """
                .formatted(endpoint, s3.endpoint());
    }
}
