/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.OffsetSet;
import dev.millrace.delivery.batch.Payload;
import dev.millrace.delivery.batch.SealedBatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a batch when the store answers as it should not. */
class S3DestinationTest {

    private static final int CLOSES = 0;

    @TempDir private Path secret;
    private final List<String> conditions = new ArrayList<>();
    private HttpServer server;
    private S3Destination destination;
    private volatile int status = 200;
    private volatile String error = "";

    @BeforeEach
    void startStore() throws IOException {
        Files.writeString(secret.resolve("accessKeyId"), "key\n");
        Files.writeString(secret.resolve("secretAccessKey"), "secret");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    String condition = exchange.getRequestHeaders().getFirst("If-None-Match");
                    conditions.add(condition == null ? "none" : condition);
                    if (status != CLOSES) {
                        byte[] body =
                                "<Error><Code>%s</Code></Error>"
                                        .formatted(error)
                                        .getBytes(StandardCharsets.UTF_8);
                        boolean stored = status == 200 && error.isEmpty();
                        if (stored) {
                            exchange.getResponseHeaders().set("ETag", "\"x\"");
                        }
                        exchange.sendResponseHeaders(status, stored ? -1 : body.length);
                        if (!stored) {
                            exchange.getResponseBody().write(body);
                        }
                    }
                    exchange.close();
                });
        server.start();
        destination =
                new S3Destination(
                        new S3Settings(
                                Optional.of(
                                        URI.create(
                                                "http://127.0.0.1:"
                                                        + server.getAddress().getPort())),
                                "us-east-1",
                                "lake",
                                true,
                                Optional.of(secret)),
                        new ObjectNaming(
                                "s",
                                "1",
                                PrefixExpression.prefix("", ZoneOffset.UTC),
                                PrefixExpression.errorPrefix("", ZoneOffset.UTC),
                                "",
                                ZoneOffset.UTC),
                        new ObjectFormat.Plain(Compression.UNCOMPRESSED),
                        InstantSource.fixed(Instant.EPOCH),
                        1);
    }

    @AfterEach
    void stopStore() {
        destination.close();
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource({
        "500, InternalError, InternalError",
        "503, SlowDown, InternalError",
        "404, NoSuchBucket, S3.NoSuchBucket",
        "403, AccessDenied, S3.AccessDenied",
        "403, InvalidAccessKeyId, S3.AccessDenied",
        "405, MethodNotAllowed, S3.MethodNotAllowed",
        "0, '', S3.ConnectionFailed",
        "200, InternalError, InternalError",
    })
    void saysWhatTheStoreSaysAndWorksOnceItDoes(int answer, String code, String told)
            throws Exception {
        status = answer;
        error = code;
        assertThatThrownBy(() -> destination.deliver(batch()))
                .isInstanceOfSatisfying(
                        DeliveryException.class, e -> assertThat(e.code()).isEqualTo(told));
        status = 200;
        error = "";
        destination.deliver(batch());
    }

    @Test
    void anObjectThatIsThereIsDelivered() throws Exception {
        status = 412;
        error = "PreconditionFailed";
        destination.deliver(batch());
        assertThat(conditions).containsExactly("*");
    }

    @Test
    void writesOverTheSameWhereThereAreNoConditions() throws Exception {
        status = 501;
        error = "NotImplemented";
        assertThatThrownBy(() -> destination.deliver(batch()))
                .isInstanceOf(DeliveryException.class);
        status = 200;
        error = "";
        destination.deliver(batch());
        assertThat(conditions).containsExactly("*", "none");
    }

    @Test
    void readsCredentialsThatChange() throws Exception {
        Files.delete(secret.resolve("accessKeyId"));
        assertThatThrownBy(() -> destination.deliver(batch()))
                .isInstanceOfSatisfying(
                        DeliveryException.class,
                        e -> assertThat(e).hasMessageContaining("has no key accessKeyId"));
        Files.writeString(secret.resolve("accessKeyId"), "other");
        destination.deliver(batch());
    }

    private static SealedBatch batch() {
        Payload payload = new Payload(new byte[0]);
        payload.append(0, 0, Instant.EPOCH, "x".getBytes(StandardCharsets.UTF_8));
        OffsetSet.Builder offsets = new OffsetSet.Builder();
        offsets.add(0);
        return new SealedBatch(
                new BatchDescriptor(
                        new BatchId(new UUID(1, 2)),
                        0,
                        BufferKey.Data.ALL,
                        Map.of(0, offsets.build()),
                        "a/b",
                        Instant.EPOCH,
                        BatchDescriptor.State.SEALED),
                payload);
    }
}
