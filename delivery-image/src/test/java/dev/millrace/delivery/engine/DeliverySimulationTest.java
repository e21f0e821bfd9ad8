/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.Output;
import dev.millrace.delivery.batch.SealedBatch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Drives the real decisions through crashes between any two steps, and owners that do not know that
 * they are owners no more, and then counts what is in the store.
 */
class DeliverySimulationTest {

    private static final int RECORDS = 200;
    private static final int STEPS = 600;
    private static final byte[] NEWLINE = {'\n'};
    private static final int ACTIVE_MAX = 4;

    /** Before a record of a partition too many. */
    private static final String EXCEEDING = "exceeding ";

    static LongStream seeds() {
        long seeds = Long.getLong("simulation.seeds", 300);
        return LongStream.range(0, seeds);
    }

    /** Kafka's part: the committed offset and the descriptors change together, for the owner. */
    private static final class Committed {
        long generation;
        OptionalLong offset = OptionalLong.empty();
        final Map<BatchId, BatchDescriptor> descriptors =
                new TreeMap<>((a, b) -> a.value().compareTo(b.value()));

        boolean commit(long byGeneration, Commit commit) {
            if (byGeneration != generation) {
                return false;
            }
            assertThat(commit.offset()).isGreaterThanOrEqualTo(offset.orElse(0));
            offset = OptionalLong.of(commit.offset());
            commit.puts().forEach(put -> descriptors.put(put.id(), put));
            commit.gone().forEach(descriptors::remove);
            return true;
        }
    }

    private static final class Owner {
        final long generation;
        final PartitionDelivery delivery;
        final List<SealedBatch> out = new ArrayList<>();

        Owner(Committed committed) {
            generation = ++committed.generation;
            delivery =
                    new PartitionDelivery(
                            0,
                            committed.offset.orElse(0),
                            committed.offset,
                            committed.descriptors.values(),
                            NEWLINE,
                            new ActivePartitions(ACTIVE_MAX));
        }
    }

    private final Committed committed = new Committed();
    private final Map<String, String> store = new HashMap<>();

    /** How a record is partitioned changes now and then, as when the user edits the spec. */
    private int keys = 5;

    @ParameterizedTest
    @MethodSource("seeds")
    void eachRecordIsInTheStoreOnce(long seed) {
        Random random = new Random(seed);
        List<Owner> owners = new ArrayList<>(List.of(new Owner(committed)));
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(40) == 0) {
                // A new owner; the one before dies, or goes on without knowing of it.
                if (random.nextBoolean()) {
                    owners.removeLast();
                }
                owners.add(new Owner(committed));
                keys = 1 + random.nextInt(8);
            }
            act(owners.get(random.nextInt(owners.size())), random);
        }
        Owner last = new Owner(committed);
        finish(last, random);

        assertThat(
                        store.values().stream()
                                .flatMap(String::lines)
                                .map(line -> line.replace(EXCEEDING, "")))
                .as("seed " + seed)
                .containsExactlyInAnyOrderElementsOf(expected());
        assertThat(store.values())
                .as("no object has both, seed " + seed)
                .noneMatch(object ->
                        object.lines().anyMatch(line -> line.startsWith(EXCEEDING))
                                && object.lines().anyMatch(line -> !line.startsWith(EXCEEDING)));
        assertThat(committed.offset).hasValue(RECORDS);
        assertThat(committed.descriptors).as("nothing is left behind").isEmpty();
    }

    private void act(Owner owner, Random random) {
        switch (random.nextInt(5)) {
            case 0, 1 -> read(owner, 1 + random.nextInt(10));
            case 2 -> {
                List<OpenBatch> open = new ArrayList<>(owner.delivery.open());
                if (!open.isEmpty()) {
                    seal(owner, open.get(random.nextInt(open.size())), random);
                }
            }
            case 3 -> {
                owner.out.addAll(owner.delivery.takeReady());
                if (!owner.out.isEmpty()) {
                    SealedBatch batch = owner.out.remove(random.nextInt(owner.out.size()));
                    upload(batch);
                    if (random.nextInt(4) > 0) {
                        owner.delivery.delivered(batch.descriptor().id());
                    } else {
                        // It went out, but the answer got lost.
                        owner.out.add(batch);
                    }
                }
            }
            default -> commit(owner);
        }
    }

    private void read(Owner owner, int count) {
        long from = owner.delivery.position();
        long to = Math.min(RECORDS, from + count);
        for (long offset = from; offset < to; offset++) {
            Instant arrival = Instant.EPOCH.plusSeconds(offset);
            int pieces = pieces(offset);
            for (int lane = 0; lane < pieces; lane++) {
                BufferKey key =
                        new BufferKey.Data(
                                Map.of("k", String.valueOf((offset * 31 + lane * 7) % keys)));
                String text = text(offset, lane);
                Output output = new Output(lane, key, text.getBytes(StandardCharsets.UTF_8));
                owner.delivery.add(
                        offset,
                        arrival,
                        owner.delivery.admits(offset, output) ? output : exceeding(lane, text),
                        arrival);
            }
            owner.delivery.readTo(offset + 1);
        }
    }

    private static Output exceeding(int lane, String text) {
        return new Output(
                lane,
                BufferKey.Failed.ACTIVE_PARTITION_EXCEEDED,
                (EXCEEDING + text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void commit(Owner owner) {
        if (owner.delivery.hasNews() || owner.delivery.hasMoved()) {
            Commit commit = owner.delivery.prepare();
            if (committed.commit(owner.generation, commit)) {
                owner.delivery.applied(commit);
            }
        }
    }

    private void seal(Owner owner, OpenBatch batch, Random random) {
        BatchId id = BatchId.random(random);
        owner.delivery.seal(batch, id, id.toString());
    }

    private void upload(SealedBatch batch) {
        String content = new String(read(batch), StandardCharsets.UTF_8);
        String before = store.putIfAbsent(batch.descriptor().name(), content);
        if (before != null) {
            assertThat(content).as("the same batch again").isEqualTo(before);
        }
    }

    private static byte[] read(SealedBatch batch) {
        try (var in = batch.payload().open()) {
            return in.readAllBytes();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void finish(Owner owner, Random random) {
        BufferingHints hints = new BufferingHints(1, Duration.ZERO);
        Instant end = Instant.EPOCH.plus(Duration.ofDays(1));
        while (owner.delivery.position() < RECORDS
                || !owner.delivery.isIdle()
                || owner.delivery.hasNews()
                || owner.delivery.hasMoved()) {
            read(owner, RECORDS);
            owner.delivery
                    .due(new Buffering(hints, hints), end)
                    .forEach(batch -> seal(owner, batch, random));
            commit(owner);
            for (SealedBatch batch : owner.delivery.takeReady()) {
                upload(batch);
                owner.delivery.delivered(batch.descriptor().id());
            }
            commit(owner);
        }
    }

    private static int pieces(long offset) {
        return offset % 7 == 0 ? 3 : offset % 11 == 0 ? 0 : 1;
    }

    private static String text(long offset, int lane) {
        return offset + "/" + lane;
    }

    private static List<String> expected() {
        List<String> all = new ArrayList<>();
        for (long offset = 0; offset < RECORDS; offset++) {
            for (int lane = 0; lane < pieces(offset); lane++) {
                all.add(text(offset, lane));
            }
        }
        return all;
    }
}
