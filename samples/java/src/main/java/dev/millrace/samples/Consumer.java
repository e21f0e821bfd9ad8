/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.samples;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Reads a stream from its beginning, each shard only after its parents. */
public final class Consumer {

    private static final Pattern ORDER =
            Pattern.compile("\\{\"customer\": ?(\\d+), ?\"order\": ?(\\d+)\\}");

    private final KinesisClient kinesis;
    private final String stream;
    private final Map<String, Set<String>> parents = new TreeMap<>();
    private final Map<String, String> iterators = new HashMap<>();
    private final Set<String> ended = new HashSet<>();
    private final Map<String, Integer> read = new TreeMap<>();
    private final Map<String, Long> lastOrder = new HashMap<>();
    private int disorder;

    private Consumer(KinesisClient kinesis, String stream) {
        this.kinesis = kinesis;
        this.stream = stream;
    }

    /**
     * @param arguments STREAM COUNT [SECONDS]
     */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 2 || arguments.length > 3) {
            System.err.println("usage: Consumer STREAM COUNT [SECONDS]");
            System.exit(2);
        }
        int count = Integer.parseInt(arguments[1]);
        int seconds = arguments.length == 3 ? Integer.parseInt(arguments[2]) : 60;
        try (KinesisClient kinesis = KinesisClient.create()) {
            if (!new Consumer(kinesis, arguments[0]).run(count, Duration.ofSeconds(seconds))) {
                System.exit(1);
            }
        }
    }

    private boolean run(int count, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (Shard shard : kinesis.listShards(list -> list.streamName(stream)).shards()) {
            parents.put(
                    shard.shardId(),
                    Stream.of(shard.parentShardId(), shard.adjacentParentShardId())
                            .filter(parent -> parent != null)
                            .collect(Collectors.toSet()));
        }
        // A parent whose records have expired is not listed any more.
        parents.values().forEach(ofOne -> ofOne.retainAll(parents.keySet()));
        while (total() < count) {
            if (System.nanoTime() > deadline) {
                System.err.printf(
                        "only %d of %d records of %s could be read in time%n",
                        total(), count, stream);
                return false;
            }
            for (String shard : List.copyOf(parents.keySet())) {
                if (!ended.contains(shard)
                        && ended.containsAll(parents.getOrDefault(shard, Set.of()))) {
                    readSome(shard);
                }
            }
            Thread.sleep(50);
        }
        String places =
                read.entrySet().stream()
                        .map(shard -> shard.getKey() + " " + shard.getValue())
                        .collect(Collectors.joining(", "));
        System.out.printf("read %d records from %s: %s%n", total(), stream, places);
        System.out.println(
                disorder == 0
                        ? "each customer's orders came in order"
                        : disorder + " orders came again or out of order");
        return true;
    }

    private int total() {
        return read.values().stream().mapToInt(Integer::intValue).sum();
    }

    private void readSome(String shard) {
        String iterator = iterators.computeIfAbsent(shard, this::fromTheBeginning);
        GetRecordsResponse got =
                kinesis.getRecords(get -> get.shardIterator(iterator).limit(1_000));
        got.records().forEach(record -> note(shard, record));
        for (ChildShard child : got.childShards()) {
            parents.putIfAbsent(child.shardId(), new HashSet<>(child.parentShards()));
        }
        if (got.nextShardIterator() == null) {
            ended.add(shard);
        } else {
            iterators.put(shard, got.nextShardIterator());
        }
    }

    private String fromTheBeginning(String shard) {
        return kinesis.getShardIterator(get ->
                        get.streamName(stream)
                                .shardId(shard)
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
    }

    private void note(String shard, Record record) {
        read.merge(shard, 1, Integer::sum);
        Matcher order = ORDER.matcher(record.data().asUtf8String());
        if (order.matches()) {
            long number = Long.parseLong(order.group(2));
            Long before = lastOrder.put(order.group(1), number);
            if (before != null && before > number) {
                disorder++;
            }
        }
    }
}
