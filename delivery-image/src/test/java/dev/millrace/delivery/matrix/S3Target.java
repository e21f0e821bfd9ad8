/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyHttp.Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;

/** Objects in a bucket. */
final class S3Target implements Target {

    private final Servers servers;
    private final FaultyHttp proxy;
    private final String bucket = Servers.name("s3");

    S3Target(Servers servers) throws IOException {
        this.servers = servers;
        this.proxy = new FaultyHttp(servers.s3().endpoint());
    }

    @Override
    public String name() {
        return "S3";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public String destination() {
        return """
        {"s3": {"endpoint": "%s", "bucket": "%s", "compression": "GZIP",
          "credentialsSecretRef": {"name": "s3"}, "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(proxy.endpoint(), bucket);
    }

    @Override
    public List<Long> delivered() {
        List<Long> ids = new ArrayList<>();
        if (servers.s3().client().listBuckets().buckets().stream()
                .noneMatch(b -> b.name().equals(bucket))) {
            return ids;
        }
        for (byte[] object : servers.s3().objects(bucket, "").values()) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(object))) {
                ids.addAll(Ids.in(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return ids;
    }

    @Override
    public List<Trouble> troubles() {
        return List.of(
                Trouble.lasting(
                        "the bucket is missing",
                        "S3.NoSuchBucket",
                        () -> {},
                        () -> servers.s3().client().createBucket(r -> r.bucket(bucket))),
                answers("it answers 500", 500, "InternalError", "InternalError"),
                answers("it answers 503 SlowDown", 503, "SlowDown", "InternalError"),
                answers("it answers 200 with an error", 200, "InternalError", "InternalError"),
                answers("its disk is full (507)", 507, "StorageFull", "InternalError"),
                answers("the key is wrong", 403, "InvalidAccessKeyId", "S3.AccessDenied"),
                Trouble.slow(
                        "it is slow",
                        () -> proxy.set(new Fault.Slow(Duration.ofSeconds(2))),
                        proxy::mend),
                Trouble.lasting(
                        "it is down, and closes connections",
                        "S3.ConnectionFailed",
                        () -> proxy.set(new Fault.Closes()),
                        proxy::mend),
                Trouble.passing(
                        "its answer is lost",
                        "S3.ConnectionFailed",
                        () -> proxy.set(new Fault.LosesAnswers(new AtomicInteger(3)))),
                Trouble.hanging(
                        "it hangs",
                        "S3.ConnectionFailed",
                        () -> proxy.set(new Fault.Hangs()),
                        proxy::mend));
    }

    private Trouble answers(String name, int status, String said, String code) {
        return Trouble.lasting(
                name, code, () -> proxy.set(Servers.s3Error(status, said)), proxy::mend);
    }

    @Override
    public void close() {
        proxy.close();
    }
}
