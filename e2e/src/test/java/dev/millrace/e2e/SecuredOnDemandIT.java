/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** A pool with TLS and a key that may only write, and an on-demand stream that follows its load. */
@Timeout(600)
class SecuredOnDemandIT {

    private static final String POOL =
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: cert}
            type: kubernetes.io/tls
            stringData:
              tls.crt: |
            %s
              tls.key: |
            %s
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: writer}
            stringData:
              accessKeyId: AKIDWRITER
              secretAccessKey: write-secret
              policy: |
                {"Statement": [{"Effect": "Allow", "Action": "kinesis:PutRecord*",
                                "Resource": "arn:aws:kinesis:*:*:stream/clicks"}]}
            ---
            apiVersion: millrace.dev/v1beta1
            kind: BrokerPool
            metadata: {name: secured}
            spec:
              storage: {size: 2Gi, deleteClaim: true}
              gateway:
                service: {type: NodePort}
                tls: {secretName: cert}
              accessKeys: [{secretName: writer}]
            ---
            apiVersion: millrace.dev/v1beta1
            kind: Stream
            metadata: {name: clicks}
            spec:
              pool: secured
              mode: ON_DEMAND
              onDemand: {minShards: 1, maxShards: 4, shardKiBPerSecond: 8}
            """;

    @Test
    void aWriterPutsOverTlsAndTheStreamGrows(@TempDir Path directory) throws Exception {
        Path certificate = directory.resolve("tls.crt");
        Path key = directory.resolve("tls.key");
        makeCertificate(certificate, key);
        try (Cluster cluster = new Cluster("secured")) {
            cluster.apply(POOL.formatted(indented(certificate), indented(key)));
            cluster.awaitReady("clicks");
            assertThat(cluster.status("clicks").openShardCount()).isEqualTo(1);
            try (KinesisClient writer =
                    cluster.kinesis(
                            "secured", "kinesis-tls", "AKIDWRITER", "write-secret", certificate)) {
                assertThatThrownBy(() -> writer.describeStream(d -> d.streamName("clicks")))
                        .isInstanceOf(KinesisException.class)
                        .hasMessageContaining(
                                "is not authorized to perform: kinesis:DescribeStream");
                Cluster.until(
                        "the stream grows with its load",
                        Duration.ofMinutes(2),
                        () -> {
                            writer.putRecords(p -> p.streamName("clicks").records(batch()));
                            return Integer.valueOf(4)
                                    .equals(cluster.status("clicks").openShardCount());
                        });
            }
            Cluster.until(
                    "an Event says why",
                    Duration.ofSeconds(30),
                    () ->
                            cluster.eventMessages("clicks").stream()
                                    .anyMatch(message ->
                                            message.matches(
                                                    "Resharded: From 1 to \\d shards: shardId-0+ took \\d+ % of what a shard is meant to take")));
        }
    }

    private static List<PutRecordsRequestEntry> batch() {
        SdkBytes data = SdkBytes.fromByteArray(new byte[200]);
        return IntStream.range(0, 100)
                .mapToObj(i ->
                        PutRecordsRequestEntry.builder()
                                .partitionKey("key-" + i)
                                .data(data)
                                .build())
                .toList();
    }

    private static void makeCertificate(Path certificate, Path key) throws Exception {
        Process openssl =
                new ProcessBuilder(
                                "openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:prime256v1",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=secured",
                                "-addext",
                                "subjectAltName=IP:127.0.0.1",
                                "-out",
                                certificate.toString(),
                                "-keyout",
                                key.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(openssl.exitValue()).as(output).isZero();
    }

    private static String indented(Path file) throws IOException {
        return Files.readString(file).strip().indent(4).stripTrailing();
    }
}
