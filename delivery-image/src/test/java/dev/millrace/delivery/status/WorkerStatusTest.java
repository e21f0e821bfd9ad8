/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.status.WorkerStatus.Total;
import dev.millrace.delivery.testing.Batches;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerStatusTest {

    private final WorkerStatus status =
            new WorkerStatus("s", "u", InstantSource.fixed(Instant.EPOCH));

    @Test
    void countsWhatIsRefusedAsFailedAndNotAsDelivered() {
        SealedBatch batch = Batches.of("b", "one", "two", "three");
        status.refused(batch.descriptor().id(), List.of(line("two")));
        status.delivered(batch);
        status.delivered(batch);
        assertThat(status.total(Total.DELIVERED_RECORDS)).isEqualTo(2 + 3);
        assertThat(status.total(Total.DELIVERED_BYTES)).isEqualTo(8 + 11);
        assertThat(status.total(Total.FAILED_RECORDS)).isEqualTo(1);
        assertThat(status.total(Total.FAILED_BYTES)).isEqualTo(3);
    }

    @Test
    void tellsWhyTheDestinationIsNotReachedUntilItIs() throws Exception {
        SealedBatch batch = Batches.of("b", "one");
        status.sourceReady(2);
        status.failed(batch, new DeliveryException("S3.NoSuchBucket", "no bucket"));
        assertThat(condition("DestinationReachable").path("reason").asText())
                .isEqualTo("S3.NoSuchBucket");
        assertThat(condition("DeliveryHealthy").path("status").asText()).isEqualTo("False");
        assertThat(condition("SourceReady").path("status").asText()).isEqualTo("True");
        status.delivered(batch);
        assertThat(condition("DestinationReachable").path("status").asText()).isEqualTo("True");
        assertThat(json().path("delivery").path("lastError").path("code").asText())
                .isEqualTo("S3.NoSuchBucket");
    }

    private JsonNode condition(String type) throws Exception {
        for (JsonNode condition : json().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        throw new AssertionError(type);
    }

    private JsonNode json() throws Exception {
        return new ObjectMapper().readTree(status.json());
    }

    private static ErrorLine line(String raw) {
        return new ErrorLine(
                "t",
                1,
                Instant.EPOCH,
                "c",
                "m",
                Instant.EPOCH,
                raw.getBytes(StandardCharsets.UTF_8),
                Map.of());
    }
}
