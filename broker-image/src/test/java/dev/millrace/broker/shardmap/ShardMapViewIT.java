/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.log.ShardMapView.Version;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One who only reads sees what the gateways decide. */
@ExtendWith(SharedKafka.class)
@Timeout(60)
class ShardMapViewIT {

    private static final StreamName STREAM = new StreamName("view-it");

    @Test
    void followsWhatIsDecided(KafkaNode kafka) throws Exception {
        KafkaShardMap gateway =
                new KafkaShardMap(
                        new KafkaShardMap.Settings(
                                kafka.bootstrapServers(), 1, "000000000000", "viewed"),
                        InstantSource.system(),
                        new Random());
        gateway.start(Duration.ofSeconds(20));
        try (ShardMapView view =
                new ShardMapView(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            view.start(Duration.ofSeconds(20));
            assertThat(view.latest().number()).isPositive();

            submit(
                    gateway,
                    new Command.CreateStream(
                            STREAM, StreamId.random(new Random()), 2, StreamSettings.DEFAULT));
            Version made = await(view, map -> openShards(map) == 2);
            submit(gateway, new Command.UpdateShardCount(STREAM, 4));
            await(view, map -> openShards(map) == 4);

            assertThat(openShards(made.map())).as("an old version stays as it was").isEqualTo(2);
        } finally {
            gateway.close();
        }
    }

    @Test
    void saysWhenTheBrokersAreNotThere() throws Exception {
        try (ShardMapView view = new ShardMapView(Map.of("bootstrap.servers", "127.0.0.1:1"))) {
            assertThatThrownBy(() -> view.start(Duration.ofMillis(200)))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("could not be read");
        }
    }

    private static void submit(KafkaShardMap gateway, Command command) throws Exception {
        gateway.submit(command).get(20, TimeUnit.SECONDS);
    }

    private static int openShards(ShardMap map) {
        return map.stream(STREAM)
                .filter(stream -> stream.state().reshard().isEmpty())
                .map(stream -> stream.openShards().size())
                .orElse(0);
    }

    private static Version await(ShardMapView view, Predicate<ShardMap> wanted)
            throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        Version version = view.latest();
        while (!wanted.test(version.map()) && System.nanoTime() < deadline) {
            version = view.awaitLaterThan(version.number(), Duration.ofSeconds(1));
        }
        assertThat(wanted.test(version.map())).isTrue();
        return version;
    }
}
