/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec.State;
import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.operator.pool.PoolNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The objects of an application. */
final class AnalyticsObjects {

    /** Where the runner answers. */
    static final int PORT = 9464;

    static final String CONFIGURATION_HASH = "millrace.dev/configuration-hash";
    private static final String SECRETS_HASH = "millrace.dev/secrets-hash";
    private static final String RESTART_NONCE = "millrace.dev/restart-nonce";

    private static final int TRINO_PORT = 8080;
    private static final String FILE = "spec.json";
    private static final String CONFIGURATION = "/etc/millrace/analytics/settings";
    private static final String CATALOGS = "/etc/millrace/analytics/catalogs";
    private static final String TRINO_SECRET = "/etc/millrace/analytics/trino";
    private static final String ENCRYPTION_KEYS = "/etc/millrace/encryption-keys";
    private static final String TABLES = "/var/run/millrace/tables";
    private static final long USER = 10_001;
    private static final String SECRET_KEY = "sharedSecret";
    private static final int SECRET_BYTES = 32;

    private final String image;

    /**
     * @param image of Trino and the runner
     */
    AnalyticsObjects(String image) {
        this.image = image;
    }

    /** The pod needs nothing of the API server. */
    static ServiceAccount serviceAccount(AnalyticsApplication application) {
        return new ServiceAccountBuilder()
                .withMetadata(AnalyticsNames.metadata(application))
                .withAutomountServiceAccountToken(false)
                .build();
    }

    static ConfigMap settings(
            AnalyticsApplication application, AnalyticsConfiguration configuration) {
        return new ConfigMapBuilder()
                .withMetadata(AnalyticsNames.metadata(application))
                .withData(Map.of(FILE, configuration.json()))
                .build();
    }

    /**
     * The pod: one, because a second one would only be fenced.
     *
     * @param secretsHash of what is in the Secrets, so that another password reaches Trino
     */
    Deployment pods(
            AnalyticsApplication application,
            AnalyticsConfiguration configuration,
            String secretsHash,
            AnalyticsStreams.Result.Known streams) {
        AnalyticsNames names = AnalyticsNames.of(application);
        AnalyticsApplicationSpec spec = application.getSpec();
        List<Container> containers = new ArrayList<>();
        containers.add(runner(application, streams));
        if (trinoUrl(spec).isEmpty()) {
            containers.add(trino(application, streams, false));
        }
        return new DeploymentBuilder()
                .withMetadata(AnalyticsNames.metadata(application))
                .withNewSpec()
                .withReplicas(spec.state() == State.Stopped ? 0 : 1)
                .withRevisionHistoryLimit(3)
                .withNewSelector()
                .withMatchLabels(names.selector())
                .endSelector()
                .withNewStrategy()
                .withType("Recreate")
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(names.labels())
                .addToAnnotations(CONFIGURATION_HASH, configuration.hash())
                .addToAnnotations(SECRETS_HASH, secretsHash)
                .addToAnnotations(RESTART_NONCE, restartNonce(spec))
                .endMetadata()
                .withSpec(pod(application, containers, volumes(application, streams)))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static String restartNonce(AnalyticsApplicationSpec spec) {
        return Integer.toString(Objects.requireNonNullElse(spec.restartNonce(), 0));
    }

    /** How many pods share the work of the Trino in the pod. */
    static int workers(AnalyticsApplication application) {
        AnalyticsApplicationSpec.Engine engine = application.getSpec().engine();
        return engine == null || engine.workers() == null ? 0 : engine.workers();
    }

    /** The workers: another configuration does not concern them, other Secrets do. */
    Deployment workers(
            AnalyticsApplication application,
            String secretsHash,
            AnalyticsStreams.Result.Known streams) {
        AnalyticsNames names = AnalyticsNames.of(application);
        AnalyticsApplicationSpec spec = application.getSpec();
        Map<String, String> labels = new TreeMap<>(names.labels());
        labels.putAll(names.workerSelector());
        return new DeploymentBuilder()
                .withMetadata(AnalyticsNames.metadata(application))
                .editMetadata()
                .withName(names.workers())
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withReplicas(spec.state() == State.Stopped ? 0 : workers(application))
                .withRevisionHistoryLimit(3)
                .withNewSelector()
                .withMatchLabels(names.workerSelector())
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .addToAnnotations(SECRETS_HASH, secretsHash)
                .addToAnnotations(RESTART_NONCE, restartNonce(spec))
                .endMetadata()
                .withSpec(
                        pod(
                                application,
                                List.of(trino(application, streams, true)),
                                volumes(application, streams).stream()
                                        .filter(volume -> !volume.getName().equals("settings"))
                                        .toList()))
                .endTemplate()
                .endSpec()
                .build();
    }

    /** Where workers find the Trino in the pod, also before that is ready. */
    static Service trinoService(AnalyticsApplication application) {
        AnalyticsNames names = AnalyticsNames.of(application);
        return new ServiceBuilder()
                .withMetadata(AnalyticsNames.metadata(application))
                .editMetadata()
                .withName(names.trino())
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(names.selector())
                .addNewPort()
                .withName("trino")
                .withPort(TRINO_PORT)
                .withProtocol("TCP")
                .withNewTargetPort(TRINO_PORT)
                .endPort()
                .endSpec()
                .build();
    }

    /** What the nodes of one Trino know each other by. */
    static Secret trinoSecret(AnalyticsApplication application, SecureRandom random) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new SecretBuilder()
                .withMetadata(AnalyticsNames.metadata(application))
                .editMetadata()
                .withName(AnalyticsNames.of(application).trino())
                .endMetadata()
                .withStringData(Map.of(SECRET_KEY, Base64.getEncoder().encodeToString(secret)))
                .build();
    }

    private static PodSpec pod(
            AnalyticsApplication application, List<Container> containers, List<Volume> volumes) {
        AnalyticsApplicationSpec spec = application.getSpec();
        PodSpecBuilder pod =
                new PodSpecBuilder()
                        .withServiceAccountName(AnalyticsNames.of(application).pods())
                        .withAutomountServiceAccountToken(false)
                        .withEnableServiceLinks(false)
                        .withTerminationGracePeriodSeconds(30L)
                        .withNewSecurityContext()
                        .withRunAsNonRoot(true)
                        .withRunAsUser(USER)
                        .withRunAsGroup(USER)
                        .withFsGroup(USER)
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .endSecurityContext()
                        .withContainers(containers)
                        .withVolumes(volumes);
        BrokerPoolSpec.Template template = spec.template();
        if (template == null) {
            return pod.build();
        }
        return pod.withNodeSelector(template.nodeSelector())
                .withTolerations(template.tolerations())
                .withAffinity(template.affinity())
                .withPriorityClassName(template.priorityClassName())
                .withImagePullSecrets(template.imagePullSecrets())
                .build();
    }

    private static Optional<String> trinoUrl(AnalyticsApplicationSpec spec) {
        return Optional.ofNullable(spec.engine()).map(AnalyticsApplicationSpec.Engine::url);
    }

    private Container runner(
            AnalyticsApplication application, AnalyticsStreams.Result.Known streams) {
        AnalyticsApplicationSpec spec = application.getSpec();
        List<EnvVar> variables = new ArrayList<>();
        variables.add(
                new EnvVarBuilder()
                        .withName("POD_NAME")
                        .withNewValueFrom()
                        .withNewFieldRef("v1", "metadata.name")
                        .endValueFrom()
                        .build());
        variables.add(variable("MILLRACE_ANALYTICS_CONFIG", CONFIGURATION + "/" + FILE));
        variables.add(variable("MILLRACE_APPLICATION", application.getMetadata().getName()));
        variables.add(variable("MILLRACE_BOOTSTRAP_SERVERS", streams.bootstrapServers()));
        variables.add(variable("MILLRACE_ENCRYPTION_KEYS_DIR", ENCRYPTION_KEYS));
        variables.add(variable("MILLRACE_METRICS_PORT", Integer.toString(PORT)));
        variables.add(variable("MILLRACE_TABLES_DIR", TABLES));
        variables.add(
                variable("TRINO_URL", trinoUrl(spec).orElse("http://127.0.0.1:" + TRINO_PORT)));
        if (hasTrinoSecret(spec)) {
            variables.add(variable("TRINO_SECRET_DIR", TRINO_SECRET));
        }
        List<VolumeMount> mounts = new ArrayList<>(common());
        mounts.add(mount("settings", CONFIGURATION, true));
        if (hasTrinoSecret(spec)) {
            mounts.add(mount("trino-secret", TRINO_SECRET, true));
        }
        return new ContainerBuilder()
                .withName("runner")
                .withImage(Objects.requireNonNullElse(spec.image(), image))
                .withImagePullPolicy("IfNotPresent")
                .withEnv(variables)
                .addNewPort()
                .withName("metrics")
                .withContainerPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(resources("100m", "192Mi", "384Mi"))
                // What it last said is then in its status, and so in ours.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withSecurityContext(security())
                .withStartupProbe(probe("/health/live", PORT, 2, 60))
                .withReadinessProbe(probe("/health/ready", PORT, 2, 3))
                .withLivenessProbe(probe("/health/live", PORT, 10, 6))
                .withVolumeMounts(mounts)
                .build();
    }

    private Container trino(
            AnalyticsApplication application,
            AnalyticsStreams.Result.Known streams,
            boolean isWorker) {
        AnalyticsApplicationSpec spec = application.getSpec();
        List<VolumeMount> mounts = new ArrayList<>(common());
        spec.catalogs()
                .forEach(catalog ->
                        mounts.add(
                                mount(
                                        "catalog-" + catalog.name().replace('_', '-'),
                                        CATALOGS + "/" + catalog.name(),
                                        true)));
        Optional<AnalyticsApplicationSpec.Engine> engine = Optional.ofNullable(spec.engine());
        ResourceRequirements wanted =
                engine.filter(_ -> isWorker)
                        .map(AnalyticsApplicationSpec.Engine::workerResources)
                        .or(() -> engine.map(AnalyticsApplicationSpec.Engine::resources))
                        .orElseGet(() -> resources("250m", "1Gi", "1536Mi"));
        return new ContainerBuilder()
                .withName("trino")
                .withImage(Objects.requireNonNullElse(spec.image(), image))
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/opt/trino/bin/millrace-trino")
                .withEnv(trinoVariables(application, streams, isWorker))
                .addNewPort()
                .withName("trino")
                .withContainerPort(TRINO_PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(wanted)
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withSecurityContext(security())
                .withStartupProbe(probe("/v1/info", TRINO_PORT, 2, 90))
                .withLivenessProbe(probe("/v1/info", TRINO_PORT, 10, 6))
                .withVolumeMounts(mounts)
                .build();
    }

    private static List<EnvVar> trinoVariables(
            AnalyticsApplication application,
            AnalyticsStreams.Result.Known streams,
            boolean isWorker) {
        List<EnvVar> variables =
                new ArrayList<>(
                        List.of(
                                variable("MILLRACE_BOOTSTRAP_SERVERS", streams.bootstrapServers()),
                                variable("MILLRACE_ENCRYPTION_KEYS_DIR", ENCRYPTION_KEYS),
                                variable("MILLRACE_TABLES_DIR", TABLES),
                                variable("MILLRACE_CATALOGS_DIR", CATALOGS)));
        if (workers(application) > 0) {
            AnalyticsNames names = AnalyticsNames.of(application);
            if (isWorker) {
                variables.add(
                        variable(
                                "MILLRACE_TRINO_COORDINATOR",
                                "http://" + names.trino() + ":" + TRINO_PORT));
            }
            variables.add(
                    new EnvVarBuilder()
                            .withName("MILLRACE_TRINO_SECRET")
                            .withNewValueFrom()
                            .withNewSecretKeyRef(SECRET_KEY, names.trino(), null)
                            .endValueFrom()
                            .build());
        }
        return variables;
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static boolean hasTrinoSecret(AnalyticsApplicationSpec spec) {
        return spec.engine() != null && spec.engine().credentialsSecretRef() != null;
    }

    private static SecurityContext security() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build();
    }

    private static ResourceRequirements resources(String cpu, String memory, String limit) {
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity(cpu))
                .addToRequests("memory", new Quantity(memory))
                .addToLimits("memory", new Quantity(limit))
                .build();
    }

    private static List<Volume> volumes(
            AnalyticsApplication application, AnalyticsStreams.Result.Known streams) {
        AnalyticsApplicationSpec spec = application.getSpec();
        List<Volume> volumes = new ArrayList<>();
        volumes.add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
        volumes.add(new VolumeBuilder().withName("tables").withNewEmptyDir().endEmptyDir().build());
        volumes.add(
                new VolumeBuilder()
                        .withName("settings")
                        .withNewConfigMap()
                        .withName(AnalyticsNames.of(application).pods())
                        .withDefaultMode(0444)
                        .endConfigMap()
                        .build());
        volumes.add(
                secret(
                        "encryption-keys",
                        new PoolNames(streams.pool(), application.getMetadata().getNamespace())
                                .encryptionKeysSecret(),
                        true));
        if (spec.engine() != null && spec.engine().credentialsSecretRef() != null) {
            volumes.add(secret("trino-secret", spec.engine().credentialsSecretRef().name(), false));
        }
        spec.catalogs()
                .forEach(catalog ->
                        volumes.add(
                                secret(
                                        "catalog-" + catalog.name().replace('_', '-'),
                                        catalog.secretRef().name(),
                                        false)));
        return volumes;
    }

    private static Volume secret(String name, String secret, boolean optional) {
        return new VolumeBuilder()
                .withName(name)
                .withNewSecret()
                .withSecretName(secret)
                .withDefaultMode(0440)
                .withOptional(optional ? Boolean.TRUE : null)
                .endSecret()
                .build();
    }

    private static List<VolumeMount> common() {
        return List.of(
                mount("tmp", "/tmp", false),
                mount("tables", TABLES, false),
                mount("encryption-keys", ENCRYPTION_KEYS, true));
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(readOnly ? Boolean.TRUE : null)
                .build();
    }

    private static Probe probe(String path, int port, int periodSeconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withNewPort(port)
                .withScheme("HTTP")
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withTimeoutSeconds(3)
                .withSuccessThreshold(1)
                .withFailureThreshold(failures)
                .build();
    }
}
