/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamSpec;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.e2e.checker.Traffic;
import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.s3.S3Client;

/** A namespace of one test on the cluster of KUBECONFIG, removed at its end. */
final class Cluster implements AutoCloseable {

    private static final int RESTARTS_AT_ONCE = 2;
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Path LOCAL_CLUSTER = Path.of("..", "local-cluster");

    private final KubernetesClient client = new KubernetesClientBuilder().build();
    private final String namespace;
    private final List<String> smallVolumes = new ArrayList<>();
    private Optional<APIService> externalMetrics = Optional.empty();

    Cluster(String test) {
        this.namespace = "e2e-" + test + "-" + Long.toString(System.nanoTime(), 36);
        client.namespaces()
                .resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                                .addToLabels("millrace.dev/e2e", test)
                                .endMetadata()
                                .build())
                .create();
    }

    /** Makes what a manifest says, in the namespace of the test. */
    void apply(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(namespace)
                .serverSideApply();
    }

    void awaitReady(String stream) {
        until("stream " + stream + " is Ready", Duration.ofMinutes(4), () -> isReady(stream));
    }

    List<String> eventMessages(String about) {
        return client
                .v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.name", about)
                .list()
                .getItems()
                .stream()
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    /** A client of a pool's port of that name, with a key of this test's. */
    KinesisClient kinesis(
            String pool, String portName, String accessKeyId, String secret, Path trusted)
            throws Exception {
        int port =
                client
                        .services()
                        .inNamespace(namespace)
                        .withName(pool + "-gateway")
                        .require()
                        .getSpec()
                        .getPorts()
                        .stream()
                        .filter(candidate -> candidate.getName().equals(portName))
                        .findFirst()
                        .orElseThrow()
                        .getNodePort();
        return KinesisClient.builder()
                .endpointOverride(URI.create("https://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(accessKeyId, secret)))
                .httpClientBuilder(
                        UrlConnectionHttpClient.builder()
                                .tlsTrustManagersProvider(() -> trust(trusted)))
                .build();
    }

    private static TrustManager[] trust(Path certificate) {
        try (InputStream in = Files.newInputStream(certificate)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "pool", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot trust " + certificate, e);
        }
    }

    /** Makes a pool whose gateway answers on a port of this machine. */
    void pool(String name, int replicas) {
        BrokerPoolSpec base = BrokerPoolSpec.ofReplicas(replicas);
        BrokerPool pool = new BrokerPool();
        pool.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        pool.setSpec(
                new BrokerPoolSpec(
                        replicas,
                        new BrokerPoolSpec.Storage("2Gi", null, true),
                        base.kafka(),
                        new BrokerPoolSpec.Gateway(
                                null,
                                new BrokerPoolSpec.Service(
                                        BrokerPoolSpec.Service.Type.NodePort, null, Map.of()),
                                null),
                        base.accessKeys(),
                        base.template(),
                        null));
        client.resource(pool).create();
    }

    void stream(String name, String pool, int shards) {
        Stream stream = new Stream();
        stream.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        stream.setSpec(
                new StreamSpec(
                        null,
                        StreamSpec.Mode.PROVISIONED,
                        shards,
                        24,
                        1_024,
                        Map.of(),
                        pool,
                        StreamSpec.DeletionPolicy.Delete,
                        StreamSpec.Limits.Unlimited,
                        null));
        client.resource(stream).create();
        until("stream " + name + " is Ready", Duration.ofMinutes(4), () -> isReady(name));
    }

    private boolean isReady(String stream) {
        return status(stream).conditions().stream()
                .anyMatch(condition ->
                        condition.type().equals("Ready") && condition.status().equals("True"));
    }

    StreamStatus status(String stream) {
        return client.resources(Stream.class)
                .inNamespace(namespace)
                .withName(stream)
                .require()
                .getStatus();
    }

    StreamSpec spec(String stream) {
        return client.resources(Stream.class)
                .inNamespace(namespace)
                .withName(stream)
                .require()
                .getSpec();
    }

    boolean streamExists(String stream) {
        return client.resources(Stream.class).inNamespace(namespace).withName(stream).get() != null;
    }

    void deleteStream(String stream) {
        client.resources(Stream.class).inNamespace(namespace).withName(stream).delete();
    }

    /** As {@code kubectl patch kds NAME --type merge} does. */
    void patchShardCount(String stream, int shards) {
        client.resources(Stream.class)
                .inNamespace(namespace)
                .withName(stream)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"shardCount\":%d}}".formatted(shards));
    }

    /** As {@code kubectl scale kds/NAME} does. */
    void scale(String stream, int shards) {
        client.resources(Stream.class).inNamespace(namespace).withName(stream).scale(shards);
    }

    void awaitShards(String stream, int shards) {
        awaitShards(stream, shards, Duration.ofMinutes(2));
    }

    void awaitShards(String stream, int shards, Duration atMost) {
        until(
                "%s has %d shards".formatted(stream, shards),
                atMost,
                () ->
                        Integer.valueOf(shards).equals(status(stream).openShardCount())
                                && "ACTIVE".equals(status(stream).streamStatus()));
    }

    /** The unmodified AWS SDK, with nothing but another endpoint. */
    KinesisClient kinesis(String pool) {
        Secret key =
                client.secrets().inNamespace(namespace).withName(pool + "-access-key").require();
        return KinesisClient.builder()
                .endpointOverride(endpoint(pool))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        text(key, "accessKeyId"), text(key, "secretAccessKey"))))
                .overrideConfiguration(o -> o.addExecutionInterceptor(Traffic.interceptor()))
                .httpClientBuilder(
                        UrlConnectionHttpClient.builder().socketTimeout(Duration.ofSeconds(30)))
                .build();
    }

    /** The address of the node, which this machine and all pods reach. */
    String nodeAddress() {
        return client.nodes().list().getItems().getFirst().getStatus().getAddresses().stream()
                .filter(address -> address.getType().equals("InternalIP"))
                .map(NodeAddress::getAddress)
                .findFirst()
                .orElseThrow();
    }

    /** The sum of a counter over the gateways of a pool, as they tell Prometheus. */
    long counter(String pool, String name, String label) {
        return (long)
                brokers(pool).stream()
                        .flatMap(pod -> scrape(pod, ":9464/metrics").entrySet().stream())
                        .filter(metric ->
                                metric.getKey().startsWith(name + "{")
                                        && metric.getKey().contains(label))
                        .mapToDouble(Map.Entry::getValue)
                        .sum();
    }

    private static Map<String, Double> scrape(Pod pod, String portAndPath) {
        URI metrics = URI.create("http://" + pod.getStatus().getPodIP() + portAndPath);
        Map<String, Double> values = new TreeMap<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(30)).build();
            for (String line :
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body().split("\n")) {
                int space = line.lastIndexOf(' ');
                if (space > 0 && !line.startsWith("#")) {
                    values.put(
                            line.substring(0, space),
                            Double.parseDouble(line.substring(space + 1)));
                }
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException("No metrics at " + metrics, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<Pod> brokers(String pool) {
        return client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getName().startsWith(pool + "-broker-"))
                .toList();
    }

    /** Lets the API server ask a port of this machine for external metrics, until the end. */
    void serveExternalMetrics(int port) {
        apply(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: external-metrics}
                spec: {ports: [{port: 443, targetPort: %1$d}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: external-metrics, labels: {kubernetes.io/service-name: external-metrics}}
                addressType: IPv4
                ports: [{port: %1$d}]
                endpoints: [{addresses: [%2$s], conditions: {ready: true}}]
                """
                        .formatted(port, nodeAddress()));
        APIService served =
                new APIServiceBuilder()
                        .withNewMetadata()
                        .withName("v1beta1.external.metrics.k8s.io")
                        .endMetadata()
                        .withNewSpec()
                        .withGroup("external.metrics.k8s.io")
                        .withVersion("v1beta1")
                        .withGroupPriorityMinimum(100)
                        .withVersionPriority(100)
                        .withInsecureSkipTLSVerify(true)
                        .withNewService()
                        .withNamespace(namespace)
                        .withName("external-metrics")
                        .withPort(443)
                        .endService()
                        .endSpec()
                        .build();
        client.resource(served).serverSideApply();
        externalMetrics = Optional.of(served);
    }

    /** A client of samples/delivery/s3-server.yaml. */
    S3Client sampleS3() {
        return S3Client.builder()
                .endpointOverride(serviceOnThisMachine("sample-s3"))
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("sample", "sample-secret")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    /** The unmodified AWS SDK of Firehose. */
    FirehoseClient firehose(String pool) {
        Secret key =
                client.secrets().inNamespace(namespace).withName(pool + "-access-key").require();
        return FirehoseClient.builder()
                .endpointOverride(endpoint(pool))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        text(key, "accessKeyId"), text(key, "secretAccessKey"))))
                .httpClientBuilder(
                        UrlConnectionHttpClient.builder().socketTimeout(Duration.ofSeconds(30)))
                .build();
    }

    private URI endpoint(String pool) {
        return serviceOnThisMachine(pool + "-gateway");
    }

    /** The first port of a Service of type NodePort. */
    URI serviceOnThisMachine(String service) {
        int port =
                client.services()
                        .inNamespace(namespace)
                        .withName(service)
                        .require()
                        .getSpec()
                        .getPorts()
                        .getFirst()
                        .getNodePort();
        return URI.create("http://127.0.0.1:" + port);
    }

    Resource<DeliveryStream> deliveryStream(String name) {
        return client.resources(DeliveryStream.class).inNamespace(namespace).withName(name);
    }

    /** Why it is not Ready; empty when it is. */
    String notReady(String deliveryStream) {
        DeliveryStream found = deliveryStream(deliveryStream).require();
        if (found.getStatus() == null) {
            return "it has no status";
        }
        return found.getStatus().conditions().stream()
                .filter(condition -> condition.type().equals("Ready"))
                .map(condition ->
                        condition.status().equals("True")
                                ? ""
                                : condition.reason() + ": " + condition.message())
                .findFirst()
                .orElse("nobody has looked at it");
    }

    boolean isAvailable(String deployment) {
        var status =
                client.apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName(deployment)
                        .require()
                        .getStatus();
        return status != null && Integer.valueOf(1).equals(status.getAvailableReplicas());
    }

    /** kill -9 of every worker of a delivery stream. */
    void killWorkers(String deliveryStream) throws Exception {
        List<Pod> workers =
                client.pods()
                        .inNamespace(namespace)
                        .withLabel("app.kubernetes.io/component", "delivery")
                        .withLabel("app.kubernetes.io/instance", deliveryStream)
                        .list()
                        .getItems();
        assertThat(workers).isNotEmpty();
        for (Pod worker : workers) {
            kill(namespace, worker, "worker");
        }
    }

    Resource<AnalyticsApplication> application(String name) {
        return client.resources(AnalyticsApplication.class).inNamespace(namespace).withName(name);
    }

    /** A condition of an application: its status and message. */
    String applicationCondition(String name, String type) {
        AnalyticsApplication found = application(name).require();
        return found.getStatus() == null
                ? ""
                : found.getStatus().conditions().stream()
                        .filter(condition -> condition.type().equals(type))
                        .map(condition -> condition.status() + ": " + condition.message())
                        .findFirst()
                        .orElse("");
    }

    /** kill -9 of a container of an application's pod. */
    void killApplication(String name, String container) throws Exception {
        for (Pod pod :
                client.pods()
                        .inNamespace(namespace)
                        .withLabel("app.kubernetes.io/component", "analytics")
                        .withLabel("app.kubernetes.io/instance", name)
                        .list()
                        .getItems()) {
            kill(namespace, pod, container);
        }
    }

    private static String text(Secret secret, String key) {
        return new String(
                Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }

    /** kill -9 of the process of a container. */
    void kill(String podNamespace, Pod pod, String container) throws Exception {
        localCluster(
                "kill-container",
                status(pod, container).getContainerID().replaceFirst("^.*://", ""));
    }

    private static ContainerStatus status(Pod pod, String container) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(container))
                .findFirst()
                .orElseThrow();
    }

    /** Runs a command of {@code local-cluster/}; what it prints. */
    private static String localCluster(String command, String... arguments) throws Exception {
        List<String> line = new ArrayList<>();
        line.add(LOCAL_CLUSTER.resolve(command).toString());
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", line, output).isZero();
        return output.strip();
    }

    /** kill -9 of a container of a broker: {@code kafka} or {@code gateway}. */
    void kill(String pool, int ordinal, String container) throws Exception {
        kill(namespace, broker(pool, ordinal), container);
    }

    /** Waits until that container of a broker runs. */
    void awaitRunning(String pool, int ordinal, String container) {
        until(
                "%s of broker %d runs".formatted(container, ordinal),
                Duration.ofMinutes(3),
                () -> {
                    Pod pod =
                            client.pods()
                                    .inNamespace(namespace)
                                    .withName(pool + "-broker-" + ordinal)
                                    .get();
                    return pod != null
                            && pod.getStatus().getContainerStatuses().stream()
                                    .anyMatch(status ->
                                            status.getName().equals(container)
                                                    && status.getState().getRunning() != null);
                });
    }

    /** How often the kubelet has started a container again. */
    int restarts(String pool, int ordinal, String container) {
        return status(broker(pool, ordinal), container).getRestartCount();
    }

    /** The pod goes as when its node is lost: nothing in it has time to end in order. */
    void losePod(String pool, int ordinal) {
        client.resource(broker(pool, ordinal)).withGracePeriod(0).delete();
    }

    /** Lets a broker's packets to the other brokers of its pool vanish, and theirs to it. */
    void cutOff(String pool, int ordinal, int brokers, boolean bothWays) throws Exception {
        List<String> arguments = new ArrayList<>();
        arguments.add(runningContainer(pool, ordinal));
        arguments.add(bothWays ? "both" : "outgoing");
        for (int other = 0; other < brokers; other++) {
            if (other != ordinal) {
                arguments.add(broker(pool, other).getStatus().getPodIP());
            }
        }
        localCluster("cut-network", arguments.toArray(String[]::new));
    }

    void heal(String pool, int ordinal) throws Exception {
        localCluster("cut-network", runningContainer(pool, ordinal), "heal");
    }

    private String runningContainer(String pool, int ordinal) {
        return broker(pool, ordinal).getStatus().getContainerStatuses().stream()
                .filter(status -> status.getState().getRunning() != null)
                .map(status -> status.getContainerID().replaceFirst("^.*://", ""))
                .findFirst()
                .orElseThrow();
    }

    /** As {@code kubectl rollout restart} does. */
    void restartRolling(String pool) {
        client.apps()
                .statefulSets()
                .inNamespace(namespace)
                .withName(pool + "-broker")
                .rolling()
                .restart();
    }

    /** All brokers are ready, and of the newest revision. */
    void awaitPoolReady(String pool) {
        until(
                "all brokers of " + pool + " are ready",
                Duration.ofMinutes(6),
                () -> {
                    StatefulSet brokers =
                            client.apps()
                                    .statefulSets()
                                    .inNamespace(namespace)
                                    .withName(pool + "-broker")
                                    .require();
                    int wanted = brokers.getSpec().getReplicas();
                    return brokers.getStatus().getObservedGeneration()
                                    >= brokers.getMetadata().getGeneration()
                            && Integer.valueOf(wanted)
                                    .equals(brokers.getStatus().getReadyReplicas())
                            && Integer.valueOf(wanted)
                                    .equals(brokers.getStatus().getUpdatedReplicas());
                });
    }

    BrokerPoolStatus poolStatus(String pool) {
        return client.resources(BrokerPool.class)
                .inNamespace(namespace)
                .withName(pool)
                .require()
                .getStatus();
    }

    /** Makes the operator look at a pool now. */
    void touchPool(String pool) {
        client.resources(BrokerPool.class)
                .inNamespace(namespace)
                .withName(pool)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"storage\":{\"warnAtPercent\":%d}}}"
                                .formatted(80 + ThreadLocalRandom.current().nextInt(5)));
    }

    /**
     * Makes a volume for a claim of that name, in memory and not larger than it says.
     *
     * @return where its files are
     */
    Path smallVolume(String claim, int mib) throws Exception {
        String name = namespace + "-" + claim;
        smallVolumes.add(name);
        String path = localCluster("small-volume", name, Integer.toString(mib));
        client.resource(
                        """
                        apiVersion: v1
                        kind: PersistentVolume
                        metadata: {name: %s}
                        spec:
                          capacity: {storage: %dMi}
                          accessModes: [ReadWriteOnce]
                          storageClassName: small
                          persistentVolumeReclaimPolicy: Retain
                          claimRef: {namespace: %s, name: %s}
                          hostPath: {path: %s}
                        """
                                .formatted(name, mib, namespace, claim, path))
                .create();
        return Path.of(path);
    }

    private Pod broker(String pool, int ordinal) {
        return client.pods().inNamespace(namespace).withName(pool + "-broker-" + ordinal).require();
    }

    void killOperator() throws Exception {
        List<Pod> operators =
                client.pods()
                        .inAnyNamespace()
                        .withLabel("app.kubernetes.io/component", "operator")
                        .list()
                        .getItems();
        assertThat(operators).isNotEmpty();
        for (Pod operator : operators) {
            String container = operator.getSpec().getContainers().getFirst().getName();
            if (status(operator, container).getRestartCount() < RESTARTS_AT_ONCE) {
                kill(operator.getMetadata().getNamespace(), operator, container);
            } else {
                // The kubelet would let it wait ever longer.
                client.resource(operator).withGracePeriod(0).delete();
            }
        }
    }

    /** An API server that does not answer in time is asked again. */
    static void until(String what, Duration atMost, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            Optional<KubernetesClientException> unanswered = Optional.empty();
            try {
                if (condition.call()) {
                    return;
                }
            } catch (KubernetesClientException e) {
                unanswered = Optional.of(e);
            } catch (Exception e) {
                throw new IllegalStateException(what, e);
            }
            if (System.nanoTime() >= deadline) {
                throw new AssertionError(what + " within " + atMost, unanswered.orElse(null));
            }
            pause(LOOK_EVERY);
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        externalMetrics.ifPresent(served -> client.resource(served).delete());
        client.namespaces().withName(namespace).delete();
        for (String volume : smallVolumes) {
            client.persistentVolumes().withName(volume).delete();
            try {
                localCluster("small-volume", volume, "remove");
            } catch (Exception e) {
                throw new IOException("Cannot remove the volume " + volume, e);
            }
        }
        client.close();
    }
}
