/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** All that can be read of a stream, shard by shard. */
public record Contents(List<ShardContents> shards) {

    private static final int READ_MAX = 10_000;

    public Contents {
        shards = List.copyOf(shards);
    }

    /** A shard with its ranges and its records, in the order in which they were read. */
    record ShardContents(
            String id,
            BigInteger firstHash,
            BigInteger lastHash,
            BigInteger firstSequenceNumber,
            Optional<BigInteger> lastSequenceNumber,
            List<Read> records) {
        ShardContents {
            records = List.copyOf(records);
        }
    }

    /**
     * A record that was read.
     *
     * @param sent which one it is; none for what no producer of the checker put
     */
    record Read(BigInteger sequenceNumber, Optional<Journal.Sent> sent) {}

    /** Reads all shards, open and closed, from their beginnings to their present ends. */
    public static Contents of(KinesisClient client, String stream) {
        List<ShardContents> shards = new ArrayList<>();
        for (Shard shard : shards(client, stream)) {
            shards.add(
                    new ShardContents(
                            shard.shardId(),
                            new BigInteger(shard.hashKeyRange().startingHashKey()),
                            new BigInteger(shard.hashKeyRange().endingHashKey()),
                            new BigInteger(shard.sequenceNumberRange().startingSequenceNumber()),
                            Optional.ofNullable(shard.sequenceNumberRange().endingSequenceNumber())
                                    .map(BigInteger::new),
                            records(client, stream, shard)));
        }
        return new Contents(shards);
    }

    private static List<Shard> shards(KinesisClient client, String stream) {
        List<Shard> shards = new ArrayList<>();
        ListShardsRequest next = ListShardsRequest.builder().streamName(stream).build();
        while (true) {
            ListShardsResponse page = client.listShards(next);
            shards.addAll(page.shards());
            if (page.nextToken() == null) {
                return shards;
            }
            next = ListShardsRequest.builder().nextToken(page.nextToken()).build();
        }
    }

    private static List<Read> records(KinesisClient client, String stream, Shard shard) {
        List<Read> records = new ArrayList<>();
        boolean open = shard.sequenceNumberRange().endingSequenceNumber() == null;
        @Nullable String iterator =
                client.getShardIterator(get ->
                                get.streamName(stream)
                                        .shardId(shard.shardId())
                                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                        .shardIterator();
        while (iterator != null) {
            String at = iterator;
            GetRecordsResponse got =
                    client.getRecords(get -> get.shardIterator(at).limit(READ_MAX));
            for (Record record : got.records()) {
                records.add(
                        new Read(new BigInteger(record.sequenceNumber()), Payload.parse(record)));
            }
            boolean atTheEnd = got.records().isEmpty() && got.millisBehindLatest() == 0;
            iterator = open && atTheEnd ? null : got.nextShardIterator();
        }
        return records;
    }
}
