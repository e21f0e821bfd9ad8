/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * The same AWS client against servers that speak the Kinesis API: 500 records of 1 KiB by
 * PutRecords from 4 threads into 4 shards, in turn; then single puts. Over JSON, as not all of them
 * can do CBOR. Arguments: NAME ENDPOINT PID, for each server; ratios are to the last.
 */
public final class Peers {

    private static final int THREADS = 4;
    private static final int PREPARED = 8;
    private static final int BATCH = 500;
    private static final int RECORD_BYTES = 1_024;
    private static final String STREAM = "peers";
    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("bench", "bench-secret"));

    private final byte[] data = new byte[RECORD_BYTES];

    private record Server(String name, URI endpoint, long pid) {}

    private Peers() {
        new Random(1).nextBytes(data);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0 || arguments.length % 3 != 0) {
            System.err.println("usage: bench/run peers (it calls this)");
            System.exit(2);
        }
        System.setProperty("aws.cborEnabled", "false");
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < arguments.length; i += 3) {
            servers.add(
                    new Server(
                            arguments[i],
                            URI.create(arguments[i + 1]),
                            Long.parseLong(arguments[i + 2])));
        }
        new Peers().run(servers);
    }

    private void run(List<Server> servers) throws Exception {
        List<Rounds.Contestant> contestants = new ArrayList<>();
        for (Server server : servers) {
            createStream(server);
            contestants.add(
                    new Rounds.Contestant(
                            server.name(), server.pid(), deadline -> put(server, deadline)));
        }
        new Rounds(3, Duration.ofSeconds(4))
                .compare("PutRecords of " + BATCH + ", AWS SDK for Java, JSON", contestants);
        // The SDK's client takes most of the time above: once more without it.
        List<Rounds.Contestant> signedBefore = new ArrayList<>();
        for (Server server : servers) {
            List<List<byte[]>> requests =
                    IntStream.range(0, THREADS)
                            .mapToObj(i ->
                                    prepared(server)
                                            .putRecords(STREAM, PREPARED, BATCH, RECORD_BYTES, i))
                            .toList();
            signedBefore.add(
                    new Rounds.Contestant(
                            server.name(),
                            server.pid(),
                            deadline -> put(server, requests, deadline)));
        }
        new Rounds(3, Duration.ofSeconds(4))
                .compare("PutRecords of " + BATCH + ", requests signed beforehand", signedBefore);
        for (Server server : servers) {
            System.out.print(server.name() + ": ");
            new SinglePuts(server.endpoint(), prepared(server)).run(STREAM);
        }
    }

    private static Prepared prepared(Server server) {
        return new Prepared(
                server.endpoint(),
                AwsCredentialsIdentity.create("bench", "bench-secret"),
                Prepared.Encoding.JSON);
    }

    private static long put(Server server, List<List<byte[]>> requests, long deadline)
            throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                THREADS,
                thread -> {
                    try (RawConnection connection = new RawConnection(server.endpoint())) {
                        for (int i = 0; System.nanoTime() < deadline; i++) {
                            if (!connection.send(requests.get(thread).get(i % PREPARED))) {
                                throw new IllegalStateException(server.name() + " refused a put");
                            }
                            records.addAndGet(BATCH);
                        }
                    }
                });
        return records.get();
    }

    private static void createStream(Server server) throws InterruptedException {
        try (KinesisClient client = client(server)) {
            client.createStream(create -> create.streamName(STREAM).shardCount(THREADS));
            for (int i = 0; i < 100; i++) {
                StreamStatus status =
                        client.describeStreamSummary(d -> d.streamName(STREAM))
                                .streamDescriptionSummary()
                                .streamStatus();
                if (status == StreamStatus.ACTIVE) {
                    return;
                }
                Thread.sleep(100);
            }
            throw new IllegalStateException(server.name() + " does not make a stream");
        }
    }

    private long put(Server server, long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                THREADS,
                thread -> {
                    List<PutRecordsRequestEntry> batch =
                            IntStream.range(0, BATCH)
                                    .mapToObj(i ->
                                            PutRecordsRequestEntry.builder()
                                                    .partitionKey(thread + "-" + i)
                                                    .data(SdkBytes.fromByteArrayUnsafe(data))
                                                    .build())
                                    .toList();
                    try (KinesisClient client = client(server)) {
                        while (System.nanoTime() < deadline) {
                            PutRecordsResponse put =
                                    client.putRecords(p -> p.streamName(STREAM).records(batch));
                            records.addAndGet(BATCH - put.failedRecordCount());
                        }
                    }
                });
        return records.get();
    }

    private static KinesisClient client(Server server) {
        return KinesisClient.builder()
                .endpointOverride(server.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }
}
