/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An S3 server as a process of its own, one for all tests of a run. */
public final class S3Server implements AutoCloseable {

    /** Gives tests the server as a parameter. */
    public static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == S3Server.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(S3Server.class))
                    .computeIfAbsent(S3Server.class, _ -> start(), S3Server.class);
        }
    }

    private final Process process;
    private final URI endpoint;
    private final S3Client client;

    private S3Server(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
        this.client =
                S3Client.builder()
                        .endpointOverride(endpoint)
                        .forcePathStyle(true)
                        .region(Region.US_EAST_1)
                        .httpClientBuilder(Apache5HttpClient.builder())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("key", "secret")))
                        .build();
    }

    private static S3Server start() {
        try {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx512m",
                                    "-XX:+UseSerialGC",
                                    "-jar",
                                    Path.of("target", "s3-server", "s3mock.jar").toString(),
                                    "--server.port=0",
                                    "--com.adobe.testing.s3mock.http-port=" + port)
                            .redirectErrorStream(true)
                            .start();
            List<String> lines = new ArrayList<>();
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.contains("Started S3MockApplication")) {
                    Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
                    return new S3Server(process, URI.create("http://127.0.0.1:" + port));
                }
            }
            throw new IllegalStateException("No S3 server:\n" + String.join("\n", lines));
        } catch (IOException e) {
            throw new IllegalStateException("No S3 server", e);
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    public S3Client client() {
        return client;
    }

    /** All objects of a bucket below a prefix, by their keys. */
    public Map<String, byte[]> objects(String bucket, String prefix) {
        Map<String, byte[]> objects = new TreeMap<>();
        for (S3Object object :
                client.listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix)).contents()) {
            objects.put(
                    object.key(),
                    client.getObjectAsBytes(r -> r.bucket(bucket).key(object.key()))
                            .asByteArrayUnsafe());
        }
        return objects;
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }
}
