/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.Output;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The stages of a delivery, one after the other, and the backup of what came in. */
final class Pipeline implements RecordProcessor {

    private final List<Stage> stages;
    private final boolean backup;
    private final InstantSource clock;
    private final ProcessingListener listener;

    /**
     * @param backup whether each record as it came is a piece, too
     */
    Pipeline(List<Stage> stages, boolean backup, InstantSource clock, ProcessingListener listener) {
        this.stages = List.copyOf(stages);
        this.backup = backup;
        this.clock = clock;
        this.listener = listener;
    }

    @Override
    public List<List<Output>> process(List<SourceRecord> records) {
        List<Item> items = new ArrayList<>(records.size());
        Map<SourceRecord, List<Output>> outputs = new IdentityHashMap<>();
        List<List<Output>> results = new ArrayList<>(records.size());
        for (SourceRecord record : records) {
            items.add(new Item.Live(record, record.data(), Map.of()));
            List<Output> pieces = new ArrayList<>(1);
            if (backup) {
                pieces.add(new Output(Output.BACKUP, new BufferKey.Backup(), record.data()));
            }
            outputs.put(record, pieces);
            results.add(pieces);
        }
        for (Stage stage : stages) {
            items = run(stage, items);
        }
        for (Item item : items) {
            List<Output> pieces = outputs.get(item.source());
            if (pieces == null) {
                throw new IllegalStateException("A stage made a record up");
            }
            int lane = pieces.size() - (backup ? 1 : 0);
            pieces.add(output(lane, item));
        }
        return results;
    }

    private List<Item> run(Stage stage, List<Item> items) {
        long began = System.nanoTime();
        List<Item> after = Stage.run(stage, items);
        switch (stage) {
            case PartitionKeys _ ->
                    listener.partitioned(Duration.ofNanos(System.nanoTime() - began));
            case RowCheck _ -> tellConverted(after);
            default -> {
                // Of others nothing is measured here.
            }
        }
        return after;
    }

    private void tellConverted(List<Item> items) {
        int rows = 0;
        long rowBytes = 0;
        int others = 0;
        long otherBytes = 0;
        for (Item item : items) {
            switch (item) {
                case Item.Live live -> {
                    rows++;
                    rowBytes += live.data().length;
                }
                case Item.Failed failed -> {
                    if (failed.errorType().equals(ErrorLine.FORMAT_CONVERSION)) {
                        others++;
                        otherBytes += failed.data().length;
                    }
                }
            }
        }
        listener.converted(true, rows, rowBytes);
        listener.converted(false, others, otherBytes);
    }

    private Output output(int lane, Item item) {
        return switch (item) {
            case Item.Live live ->
                    new Output(
                            lane,
                            live.partitionKeys().isEmpty()
                                    ? BufferKey.Data.ALL
                                    : new BufferKey.Data(live.partitionKeys()),
                            live.data());
            case Item.Failed failed ->
                    new Output(
                            lane,
                            new BufferKey.Failed(failed.errorType()),
                            new ErrorLine(
                                            failed.errorType(),
                                            failed.attempts(),
                                            failed.source().arrival(),
                                            failed.code(),
                                            failed.message(),
                                            clock.instant(),
                                            failed.data(),
                                            Map.of(
                                                    "sequenceNumber",
                                                    failed.source().sequenceNumber().toString()))
                                    .bytes());
        };
    }
}
