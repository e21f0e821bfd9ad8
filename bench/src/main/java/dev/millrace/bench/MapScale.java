/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.log.ShardMapCodec;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.Decision;
import dev.millrace.shard.map.Effect;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.Input;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapCoordinator;
import dev.millrace.shard.map.ShardMapRecord;
import dev.millrace.shard.map.StreamSettings;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The shard map alone, without Kafka: what it takes in memory and in the log, how long it is read,
 * and how long the writer decides, with as many shards as are asked for. All times are CPU times.
 * Argument: SHARDS.
 */
public final class MapScale {

    private static final int SHARDS_PER_STREAM = 2;

    private MapScale() {}

    public static void main(String[] arguments) {
        int shards = Integer.parseInt(arguments[0]);
        int streams = shards / SHARDS_PER_STREAM;
        long before = liveBytes();
        Random random = new Random(1);
        ShardMapCoordinator writer = new ShardMapCoordinator("000000000000", "t", ShardMap.empty());
        Map<String, ShardMapRecord> log = new HashMap<>();
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        long began = cpuNanos();
        long lastThousand = 0;
        for (int i = 0; i < streams; i++) {
            long start = cpuNanos();
            create(writer, "stream-%07d".formatted(i), random, now, log);
            lastThousand += i >= streams - 1_000 ? cpuNanos() - start : 0;
        }
        System.out.printf(
                "%,d streams of %d shards decided in %.1f s; the last 1,000 CreateStream in %.3f ms each%n",
                streams,
                SHARDS_PER_STREAM,
                (cpuNanos() - began) / 1e9,
                lastThousand / 1e6 / Math.min(1_000, streams));
        tick(writer, now);
        List<ConsumerRecord<byte[], byte[]>> encoded = encode(log);
        log.clear();
        long bytes = encoded.stream().mapToLong(r -> r.key().length + r.value().length).sum();
        System.out.printf(
                "the log, compacted: %,d MiB, %d bytes a shard%n", bytes >> 20, bytes / shards);
        ShardMap map = replay(encoded);
        encoded.clear();
        long withBoth = liveBytes();
        if (map.streamCount() != writer.map().streamCount()) {
            throw new IllegalStateException("Another map comes out");
        }
        // The writer's and the one that was read: two that share nothing.
        System.out.printf(
                "the map in memory: %,d MiB, %,d bytes a shard%n",
                (withBoth - before) / 2 >> 20, (withBoth - before) / 2 / shards);
    }

    private static void create(
            ShardMapCoordinator writer,
            String name,
            Random random,
            Instant now,
            Map<String, ShardMapRecord> log) {
        Command command =
                new Command.CreateStream(
                        new StreamName(name),
                        StreamId.random(random),
                        SHARDS_PER_STREAM,
                        StreamSettings.DEFAULT);
        Decision asked =
                writer.on(
                        new Input.FromGateway(
                                new GatewayMessage.Ask(new GatewayId("g"), name, command)),
                        now);
        commit(writer, asked, log);
        Effect.CreateTopic create = (Effect.CreateTopic) asked.effects().getFirst();
        commit(
                writer,
                writer.on(
                        new Input.TopicCreated(
                                create.id(), create.topic(), "NpiYKvQNQXGZ2rRZpnbSXg"),
                        now),
                log);
    }

    private static void commit(
            ShardMapCoordinator writer, Decision decision, Map<String, ShardMapRecord> log) {
        writer.committed(decision);
        decision.records().forEach(record -> log.put(record.key(), record));
    }

    private static void tick(ShardMapCoordinator writer, Instant now) {
        // The first one sweeps, too.
        writer.on(new Input.Tick(), now);
        long began = cpuNanos();
        for (int i = 1; i <= 100; i++) {
            writer.on(new Input.Tick(), now.plusMillis(50L * i));
        }
        System.out.printf(
                "a tick of the writer, 20 a second: %.3f ms%n", (cpuNanos() - began) / 1e6 / 100);
        began = cpuNanos();
        writer.takeOver("a2V5", now);
        System.out.printf(
                "the first decision of a new writer: %.0f ms%n", (cpuNanos() - began) / 1e6);
    }

    private static List<ConsumerRecord<byte[], byte[]>> encode(Map<String, ShardMapRecord> log) {
        List<ConsumerRecord<byte[], byte[]>> encoded = new ArrayList<>();
        for (ShardMapRecord record : log.values()) {
            ProducerRecord<byte[], byte[]> sent = ShardMapCodec.encode(record, false);
            encoded.add(
                    new ConsumerRecord<>(
                            sent.topic(), 0, encoded.size(), sent.key(), sent.value()));
        }
        return encoded;
    }

    private static ShardMap replay(List<ConsumerRecord<byte[], byte[]>> encoded) {
        long began = cpuNanos();
        List<ShardMapRecord> records = new ArrayList<>();
        encoded.forEach(record -> ShardMapCodec.decode(record).ifPresent(records::add));
        long decoded = cpuNanos();
        ShardMap map = ShardMap.empty().replay(records);
        System.out.printf(
                "read by a new gateway: %.1f s to decode, %.1f s to replay%n",
                (decoded - began) / 1e9, (cpuNanos() - decoded) / 1e9);
        return map;
    }

    /** Of this thread, which does all of it: what else runs on the machine does not count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long liveBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
