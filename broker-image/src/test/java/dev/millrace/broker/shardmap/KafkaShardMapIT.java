/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.broker.record.KafkaShardAppender;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamStatus;
import dev.millrace.shard.map.StreamView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The shard map on a real Kafka: two gateways, one writer at a time. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
class KafkaShardMapIT {

    private record Put(String key, int number, AppendResult.Appended place) {}

    @Test
    void puttingGoesOnThroughReshardsAndAChangeOfWriter(KafkaNode kafka) throws Exception {
        StreamName stream = new StreamName("reshard-it");
        KafkaShardMap one = gateway(kafka, "one");
        one.start(Duration.ofSeconds(20));
        assertThat(one.isReady()).isTrue();
        KafkaShardMap two = gateway(kafka, "two");
        two.start(Duration.ofSeconds(20));
        assertThat(two.isReady()).isTrue();
        perform(
                two,
                new Command.CreateStream(
                        stream, StreamId.random(new Random()), 2, StreamSettings.DEFAULT));
        until(() -> active(two, stream) && active(one, stream));

        AtomicBoolean stop = new AtomicBoolean();
        List<List<Put>> puts = new ArrayList<>();
        List<Thread> putters = new ArrayList<>();
        try (KafkaShardAppender first =
                        new KafkaShardAppender(
                                kafka.bootstrapServers(), one.gate(), one.changes());
                KafkaShardAppender second =
                        new KafkaShardAppender(
                                kafka.bootstrapServers(), two.gate(), two.changes())) {
            for (int i = 0; i < 4; i++) {
                List<Put> mine = new ArrayList<>();
                puts.add(mine);
                KafkaShardAppender appender = i % 2 == 0 ? first : second;
                String prefix = "t" + i;
                putters.add(
                        Thread.startVirtualThread(
                                () -> putUntil(stop, appender, stream, prefix, mine)));
            }
            reshard(two, stream, 8);
            reshard(one, stream, 3);
            boolean oneWrites = one.isWriter();
            assertThat(oneWrites != two.isWriter()).as("one of them writes").isTrue();
            perform(two, new Command.UpdateShardCount(stream, 5));
            stop.set(true);
            for (Thread putter : putters) {
                putter.join();
            }
        }
        (one.isWriter() ? one : two).close();
        KafkaShardMap left = one.isReady() && !one.isWriter() && isOpen(one) ? one : two;
        until(() ->
                active(left, stream)
                        && left.current().stream(stream).orElseThrow().openShards().size() == 5);

        check(left.current().stream(stream).orElseThrow(), puts);
        left.close();
    }

    private static boolean isOpen(KafkaShardMap map) {
        try {
            return map.submit(new Command.RemoveStream(new StreamName("none"), "nobody"))
                    .handle((result, failure) -> failure == null)
                    .get(20, TimeUnit.SECONDS);
        } catch (Exception _) {
            return false;
        }
    }

    private static void putUntil(
            AtomicBoolean stop,
            KafkaShardAppender appender,
            StreamName stream,
            String prefix,
            List<Put> puts) {
        int number = 0;
        while (!stop.get()) {
            String key = prefix + "-" + number % 17;
            byte[] data = (key + ":" + number).getBytes(StandardCharsets.UTF_8);
            AppendResult result = append(appender, stream, key, data);
            assertThat(result).isInstanceOf(AppendResult.Appended.class);
            puts.add(new Put(key, number, (AppendResult.Appended) result));
            number++;
        }
    }

    private static AppendResult append(
            KafkaShardAppender appender, StreamName stream, String key, byte[] data) {
        try {
            return appender.append(
                            stream, List.of(new NewRecord(HashKey.ofPartitionKey(key), key, data)))
                    .await(Duration.ofSeconds(30))
                    .getFirst();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void check(StreamView stream, List<List<Put>> puts) {
        int all = 0;
        for (List<Put> ofThread : puts) {
            Map<String, Put> last = new HashMap<>();
            for (Put put : ofThread) {
                all++;
                Shard shard = stream.shard(put.place().shard()).orElseThrow();
                long offset = put.place().sequenceNumber().offset();
                assertThat(shard.range().contains(HashKey.ofPartitionKey(put.key()))).isTrue();
                assertThat(offset).isGreaterThanOrEqualTo(shard.firstOffset());
                if (shard.phase() instanceof Shard.Closed(long end, _)) {
                    assertThat(offset).as("%s in %s", put, shard).isLessThan(end);
                }
                Put before = last.put(put.key(), put);
                if (before != null) {
                    assertThat(put.place().sequenceNumber())
                            .isGreaterThan(before.place().sequenceNumber());
                }
            }
        }
        assertThat(all).isGreaterThan(100);
    }

    private static void reshard(KafkaShardMap map, StreamName stream, int shards) throws Exception {
        perform(map, new Command.UpdateShardCount(stream, shards));
        until(() ->
                active(map, stream)
                        && map.current().stream(stream).orElseThrow().openShards().size()
                                == shards);
    }

    private static void perform(KafkaShardMap map, Command command) throws Exception {
        assertThat(map.submit(command).get(30, TimeUnit.SECONDS)).isEqualTo(CommandResult.done());
    }

    private static boolean active(KafkaShardMap map, StreamName stream) {
        return map.current().stream(stream)
                .filter(s -> s.state().status() == StreamStatus.ACTIVE)
                .isPresent();
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static KafkaShardMap gateway(KafkaNode kafka, String name) {
        return new KafkaShardMap(
                new KafkaShardMap.Settings(kafka.bootstrapServers(), 1, "000000000000", name),
                InstantSource.system(),
                new Random());
    }
}
