/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.samples;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Prints the first records of a stream, all shards side by side, and waits for those to come. */
public final class Tail {

    /** Kinesis takes five reads a second of a shard. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final KinesisClient kinesis;
    private final String stream;
    private final Set<String> shards = new HashSet<>();
    private List<String> iterators = new ArrayList<>();

    private Tail(KinesisClient kinesis, String stream) {
        this.kinesis = kinesis;
        this.stream = stream;
    }

    /**
     * @param arguments STREAM COUNT [SECONDS]
     */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 2 || arguments.length > 3) {
            System.err.println("usage: Tail STREAM COUNT [SECONDS]");
            System.exit(2);
        }
        int count = Integer.parseInt(arguments[1]);
        int seconds = arguments.length == 3 ? Integer.parseInt(arguments[2]) : 60;
        try (KinesisClient kinesis = KinesisClient.create()) {
            int printed = new Tail(kinesis, arguments[0]).print(count, Duration.ofSeconds(seconds));
            if (printed < count) {
                System.err.printf(
                        "only %d of %d records of %s came within %d s%n",
                        printed, count, arguments[0], seconds);
                System.exit(1);
            }
        }
    }

    private int print(int count, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (Shard shard : kinesis.listShards(list -> list.streamName(stream)).shards()) {
            begin(shard.shardId());
        }
        int printed = 0;
        while (true) {
            for (Record record : readSome()) {
                System.out.println("  " + record.data().asUtf8String());
                if (++printed == count) {
                    return printed;
                }
            }
            if (System.nanoTime() > deadline) {
                return printed;
            }
            Thread.sleep(PAUSE);
        }
    }

    /** The next records of each shard. */
    private List<Record> readSome() {
        List<String> before = iterators;
        iterators = new ArrayList<>();
        List<Record> records = new ArrayList<>();
        for (String iterator : before) {
            GetRecordsResponse got = kinesis.getRecords(get -> get.shardIterator(iterator));
            records.addAll(got.records());
            if (got.nextShardIterator() != null) {
                iterators.add(got.nextShardIterator());
            }
            for (ChildShard child : got.childShards()) {
                begin(child.shardId());
            }
        }
        return records;
    }

    private void begin(String shard) {
        if (shards.add(shard)) {
            iterators.add(
                    kinesis.getShardIterator(get ->
                                    get.streamName(stream)
                                            .shardId(shard)
                                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                            .shardIterator());
        }
    }
}
