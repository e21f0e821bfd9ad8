/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.samples;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/**
 * Puts numbered orders of ten customers into a stream. Numbers start at the time of day, so that
 * those of a later run are larger.
 */
public final class Producer {

    private static final int BATCH = 100;
    private static final int ATTEMPTS = 10;
    private static final List<String> REGIONS = List.of("eu", "us", "ap");

    private Producer() {}

    /**
     * @param arguments STREAM COUNT
     */
    public static void main(String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("usage: Producer STREAM COUNT");
            System.exit(2);
        }
        String stream = arguments[0];
        int count = Integer.parseInt(arguments[1]);
        long first = System.currentTimeMillis();
        Map<String, Integer> shards = new TreeMap<>();
        try (KinesisClient kinesis = KinesisClient.create()) {
            for (int start = 0; start < count; start += BATCH) {
                long last = first + Math.min(start + BATCH, count);
                put(kinesis, stream, orders(first + start, last), shards);
            }
        }
        String places =
                shards.entrySet().stream()
                        .map(shard -> shard.getKey() + " " + shard.getValue())
                        .collect(Collectors.joining(", "));
        System.out.printf("put %d records into %s: %s%n", count, stream, places);
    }

    private static List<PutRecordsRequestEntry> orders(long from, long to) {
        List<PutRecordsRequestEntry> entries = new ArrayList<>();
        for (long n = from; n < to; n++) {
            String data =
                    """
                    {"customer":%d,"order":%d,"region":"%s","price":%s,"at":"%s"}\
                    """
                            .formatted(
                                    n % 10,
                                    n,
                                    REGIONS.get((int) (n % 10 % 3)),
                                    price(),
                                    Instant.now());
            entries.add(
                    PutRecordsRequestEntry.builder()
                            .partitionKey("customer-" + n % 10)
                            .data(SdkBytes.fromUtf8String(data))
                            .build());
        }
        return entries;
    }

    /** Half of all orders cost less than 33, one of seven more than 90. */
    private static BigDecimal price() {
        double price = Math.exp(3.5 + ThreadLocalRandom.current().nextGaussian());
        return BigDecimal.valueOf(price).setScale(2, RoundingMode.HALF_UP);
    }

    /** Puts entries; those that fail are put again, a bounded number of times. */
    private static void put(
            KinesisClient kinesis,
            String stream,
            List<PutRecordsRequestEntry> entries,
            Map<String, Integer> shards) {
        List<PutRecordsRequestEntry> left = entries;
        for (int attempt = 0; attempt < ATTEMPTS && !left.isEmpty(); attempt++) {
            List<PutRecordsRequestEntry> batch = left;
            List<PutRecordsResultEntry> results =
                    kinesis.putRecords(put -> put.streamName(stream).records(batch)).records();
            List<PutRecordsRequestEntry> failed = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i).errorCode() == null) {
                    shards.merge(results.get(i).shardId(), 1, Integer::sum);
                } else {
                    failed.add(batch.get(i));
                }
            }
            left = failed;
        }
        if (!left.isEmpty()) {
            throw new IllegalStateException(
                    "%d records of %s were not taken after %d attempts"
                            .formatted(left.size(), stream, ATTEMPTS));
        }
    }
}
