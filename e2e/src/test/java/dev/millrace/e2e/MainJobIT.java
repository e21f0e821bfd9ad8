/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/** The resource and the API are two ways to the same stream. */
@Timeout(600)
class MainJobIT {

    @Test
    void resourceAndApiAgree() throws Exception {
        try (Cluster cluster = new Cluster("main")) {
            cluster.pool("default", 1);
            cluster.stream("orders", "default", 2);
            try (KinesisClient client = cluster.kinesis("default")) {
                assertThat(client.listStreams().streamNames()).containsExactly("orders");

                cluster.scale("orders", 4);
                cluster.awaitShards("orders", 4);
                assertThat(
                                client.describeStreamSummary(d -> d.streamName("orders"))
                                        .streamDescriptionSummary()
                                        .openShardCount())
                        .isEqualTo(4);

                client.updateShardCount(u ->
                        u.streamName("orders")
                                .targetShardCount(3)
                                .scalingType(ScalingType.UNIFORM_SCALING));
                cluster.awaitShards("orders", 3);
                Cluster.until(
                        "spec follows the API",
                        Duration.ofSeconds(30),
                        () -> cluster.spec("orders").shardCount() == 3);

                client.createStream(c -> c.streamName("clicks").shardCount(1));
                Cluster.until(
                        "a stream of the API gets its resource",
                        Duration.ofSeconds(30),
                        () -> cluster.streamExists("clicks"));

                client.deleteStream(d -> d.streamName("clicks"));
                Cluster.until(
                        "the resource goes with its stream",
                        Duration.ofSeconds(30),
                        () -> !cluster.streamExists("clicks"));

                cluster.deleteStream("orders");
                Cluster.until(
                        "the stream goes with its resource",
                        Duration.ofSeconds(30),
                        () -> !cluster.streamExists("orders"));
                assertThatThrownBy(() -> client.describeStream(d -> d.streamName("orders")))
                        .isInstanceOf(ResourceNotFoundException.class);
            }
        }
    }
}
