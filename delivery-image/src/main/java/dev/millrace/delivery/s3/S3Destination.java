/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.Destination;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.ErrorOutput;
import dev.millrace.delivery.batch.SealedBatch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Writes each batch as one object, by one request, so that there is all of it or nothing and no
 * part of an upload is ever left behind.
 *
 * <p>An object that is there already is left as it is: its name belongs to this batch alone, so it
 * holds the same records. Where a store does not know {@code If-None-Match} the object is written
 * over by the same records.
 */
public final class S3Destination implements Destination, ErrorOutput {

    private static final Logger log = LoggerFactory.getLogger(S3Destination.class);
    private static final ObjectFormat LINES = new ObjectFormat.Plain(Compression.UNCOMPRESSED);
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_IMPLEMENTED = 501;

    private final S3Settings settings;
    private final ObjectNaming naming;
    private final ObjectFormat format;
    private final InstantSource clock;
    private final S3Client client;
    private final AtomicBoolean conditional = new AtomicBoolean(true);

    /**
     * @param concurrency how many batches go out at once
     */
    public S3Destination(
            S3Settings settings,
            ObjectNaming naming,
            ObjectFormat format,
            InstantSource clock,
            int concurrency) {
        this.settings = settings;
        this.naming = naming;
        this.format = format;
        this.clock = clock;
        this.client = client(settings, concurrency);
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return naming.nameOf(key, oldestArrival, id);
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        if (batch.payload().count() == 0) {
            // Read again after a change of the configuration, which drops all of its records.
            return;
        }
        BatchDescriptor descriptor = batch.descriptor();
        ObjectFormat used = descriptor.key() instanceof BufferKey.Failed ? LINES : format;
        ChunkedBytes body = new ChunkedBytes();
        List<ObjectFormat.Refused> refused;
        try {
            refused = used.write(batch, body);
        } catch (IOException e) {
            throw new IllegalStateException("Cannot write " + descriptor.name(), e);
        }
        if (refused.size() < batch.payload().count()) {
            put(descriptor.name(), used, body);
        }
        if (!refused.isEmpty()) {
            // They were no rows when they were read, or the table that is declared has changed.
            writeErrors(
                    descriptor,
                    ErrorLine.FORMAT_CONVERSION,
                    refused.stream().map(this::errorLine).toList());
        }
    }

    @Override
    public void writeErrors(BatchDescriptor batch, String errorType, List<ErrorLine> lines)
            throws DeliveryException {
        if (lines.isEmpty()) {
            return;
        }
        ChunkedBytes body = new ChunkedBytes();
        for (ErrorLine line : lines) {
            byte[] bytes = line.bytes();
            body.write(bytes, 0, bytes.length);
        }
        String name =
                naming.nameOf(new BufferKey.Failed(errorType), batch.oldestArrival(), batch.id());
        put(name, LINES, body);
    }

    /** Writes an object as it is, unless there is one of this name. */
    public void write(String name, byte[] content) throws DeliveryException {
        ChunkedBytes body = new ChunkedBytes();
        body.write(content, 0, content.length);
        put(name, LINES, body);
    }

    private ErrorLine errorLine(ObjectFormat.Refused refused) {
        return new ErrorLine(
                ErrorLine.FORMAT_CONVERSION,
                1,
                Instant.ofEpochMilli(refused.arrivalMillis()),
                refused.why().code(),
                String.valueOf(refused.why().getMessage()),
                clock.instant(),
                refused.data(),
                Map.of());
    }

    private void put(String name, ObjectFormat used, ChunkedBytes body) throws DeliveryException {
        try {
            put(name, used, body, conditional.get());
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED) {
                log.info("Object {} is there already", name);
            } else if (e.statusCode() == NOT_IMPLEMENTED && conditional.getAndSet(false)) {
                log.info("The store at {} knows no If-None-Match", settings.endpoint());
                throw failure(e);
            } else {
                throw failure(e);
            }
        } catch (SdkException e) {
            throw new DeliveryException("S3.ConnectionFailed", String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private void put(String name, ObjectFormat used, ChunkedBytes body, boolean ifAbsent)
            throws DeliveryException {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(settings.bucket())
                        .key(name)
                        .contentType("application/octet-stream");
        used.contentEncoding().ifPresent(request::contentEncoding);
        if (ifAbsent) {
            request.ifNoneMatch("*");
        }
        PutObjectResponse answer =
                client.putObject(
                        request.build(),
                        RequestBody.fromContentProvider(
                                body::open, body.length(), "application/octet-stream"));
        if (answer.eTag() == null) {
            // An error that came with status 200, from a store or from what is before it.
            throw new DeliveryException(
                    "InternalError",
                    "Bucket %s: HTTP 200 without an ETag, which says nothing of the object"
                            .formatted(settings.bucket()));
        }
    }

    private DeliveryException failure(S3Exception e) {
        return new DeliveryException(
                S3Error.code(e),
                "Bucket %s: HTTP %d %s"
                        .formatted(settings.bucket(), e.statusCode(), e.getMessage()),
                e);
    }

    private static S3Client client(S3Settings settings, int concurrency) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .region(Region.of(settings.region()))
                        .forcePathStyle(settings.pathStyle())
                        // The defaults are more than many S3-compatible stores understand.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .httpClientBuilder(
                                Apache5HttpClient.builder()
                                        .maxConnections(concurrency + 2)
                                        .connectionTimeout(Duration.ofSeconds(5))
                                        .socketTimeout(Duration.ofSeconds(30)))
                        .overrideConfiguration(c ->
                                c.apiCallAttemptTimeout(Duration.ofSeconds(120))
                                        .apiCallTimeout(Duration.ofSeconds(180))
                                        // Tried again by who knows that it may wait.
                                        .retryStrategy(DefaultRetryStrategy.doNotRetry()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        settings.credentials()
                .ifPresent(directory ->
                        builder.credentialsProvider(new MountedCredentials(directory)));
        return builder.build();
    }
}
