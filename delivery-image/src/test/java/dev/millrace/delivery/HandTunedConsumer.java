/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** What one would write by hand who needs speed and no guarantee: the measure for a worker. */
final class HandTunedConsumer {

    private static final int OBJECT_BYTES = 16 << 20;

    private HandTunedConsumer() {}

    /** Arguments: topic, S3 endpoint, bucket, how many records there are. */
    public static void main(String[] args) throws Exception {
        AtomicLong delivered = new AtomicLong();
        HttpServer status = HttpServer.create(new InetSocketAddress(0), 0);
        status.createContext(
                "/status",
                exchange -> {
                    byte[] body =
                            "{\"delivery\":{\"deliveredRecords\":%d}}"
                                    .formatted(delivered.get())
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        status.start();
        System.out.println("status on port " + status.getAddress().getPort());
        long records = Long.parseLong(args[3]);
        try (S3Client s3 =
                        S3Client.builder()
                                .endpointOverride(URI.create(args[1]))
                                .forcePathStyle(true)
                                .region(Region.US_EAST_1)
                                .httpClientBuilder(Apache5HttpClient.builder())
                                .credentialsProvider(
                                        StaticCredentialsProvider.create(
                                                AwsBasicCredentials.create("key", "secret")))
                                .build();
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        System.getenv("MILLRACE_BOOTSTRAP_SERVERS"),
                                        "max.poll.records",
                                        5_000,
                                        "fetch.max.bytes",
                                        8 << 20,
                                        "max.partition.fetch.bytes",
                                        2 << 20),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer());
                ExecutorService uploads = Executors.newFixedThreadPool(4)) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(args[0]).stream()
                            .map(p -> new TopicPartition(args[0], p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<Future<?>> under = new ArrayList<>();
            ByteArrayOutputStream buffer = new ByteArrayOutputStream(OBJECT_BYTES + (1 << 20));
            long read = 0;
            long inBuffer = 0;
            while (read < records) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    buffer.writeBytes(record.value());
                    buffer.write('\n');
                    read++;
                    inBuffer++;
                }
                if (buffer.size() >= OBJECT_BYTES || read >= records) {
                    byte[] data = buffer.toByteArray();
                    long count = inBuffer;
                    String key = "hand/" + read;
                    under.add(
                            uploads.submit(() -> {
                                s3.putObject(
                                        r -> r.bucket(args[2]).key(key),
                                        RequestBody.fromBytes(gzip(data)));
                                delivered.addAndGet(count);
                            }));
                    buffer.reset();
                    inBuffer = 0;
                }
            }
            for (Future<?> upload : under) {
                upload.get();
            }
            Thread.currentThread().join();
        }
    }

    private static byte[] gzip(byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes, 64 * 1024)) {
            gzip.write(data);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }
}
