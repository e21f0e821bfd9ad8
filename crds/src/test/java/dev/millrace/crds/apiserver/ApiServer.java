/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.apiserver;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real kube-apiserver with Millrace's definitions in it, and no controllers: no pod runs, nothing
 * is collected, namespaces never end. One serves all tests of a JVM; each test class has a
 * namespace of its own.
 */
public final class ApiServer implements AutoCloseable {

    private static final int STOPS_WITHIN_SECONDS = 20;
    private static final int ESTABLISHED_WITHIN_SECONDS = 30;

    private final Process process;
    private final Path directory;
    private final KubernetesClient admin;

    private ApiServer(Process process, Path directory, KubernetesClient admin) {
        this.process = process;
        this.directory = directory;
        this.admin = admin;
    }

    /**
     * Starts one.
     *
     * @throws IOException if this machine has none; the message is its own
     */
    static ApiServer start() throws IOException {
        Path program = root().resolve("local-cluster/test-apiserver");
        Path directory = Files.createTempDirectory("millrace-apiserver");
        // It ends with its standard input, so with this JVM at the latest.
        Process process =
                new ProcessBuilder(program.toString(), directory.resolve("api").toString())
                        .redirectError(directory.resolve("errors").toFile())
                        .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); !"ready".equals(line); line = out.readLine()) {
            if (line == null) {
                throw new IOException(
                        "No API server: " + Files.readString(directory.resolve("errors")).strip());
            }
        }
        KubernetesClient admin =
                new KubernetesClientBuilder()
                        .withConfig(
                                Config.fromKubeconfig(
                                        Files.readString(directory.resolve("api/kubeconfig"))))
                        .build();
        ApiServer server = new ApiServer(process, directory, admin);
        server.define();
        return server;
    }

    /** The administrator's way in. */
    public KubernetesClient admin() {
        return admin;
    }

    /** A kubeconfig of the administrator. */
    public Path kubeconfig() {
        return directory.resolve("api/kubeconfig");
    }

    /** Makes a namespace for one test class. */
    public String namespace(String prefix) {
        Namespace namespace =
                new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName(prefix + "-")
                        .endMetadata()
                        .build();
        return admin.resource(namespace).create().getMetadata().getName();
    }

    @Override
    public void close() {
        admin.close();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOPS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void define() throws IOException {
        try (Stream<Path> files = Files.list(root().resolve("crds/yaml"))) {
            for (Path file : files.sorted().toList()) {
                CustomResourceDefinition definition =
                        admin.apiextensions()
                                .v1()
                                .customResourceDefinitions()
                                .load(file.toFile())
                                .create();
                admin.resource(definition)
                        .waitUntilCondition(
                                ApiServer::isEstablished,
                                ESTABLISHED_WITHIN_SECONDS,
                                TimeUnit.SECONDS);
            }
        }
    }

    private static boolean isEstablished(CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                // A definition that is a moment old may have a status with none.
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                condition.getType().equals("Established")
                                        && condition.getStatus().equals("True"));
    }

    /** The project's root: tests run in a module's folder. */
    private static Path root() {
        List<Path> places = List.of(Path.of("").toAbsolutePath(), Path.of("..").toAbsolutePath());
        return places.stream()
                .map(Path::normalize)
                .filter(place -> Files.exists(place.resolve("local-cluster/test-apiserver")))
                .findFirst()
                .orElseGet(() -> Objects.requireNonNull(Path.of("").toAbsolutePath().getParent()));
    }
}
