/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The brokers: a pod has Kafka and the gateway, from one image. Pods start all at once, as a quorum
 * needs, and are replaced one at a time, each after the one before it is ready.
 */
final class BrokerStatefulSet {

    static final String SETTINGS_HASH = "millrace.dev/settings-hash";

    private static final long USER = 10_001;
    private static final String DATA = "/var/lib/millrace";
    private static final String SETTINGS = "/etc/millrace/settings";
    private static final String ACCESS_KEYS = "/etc/millrace/access-keys";
    private static final String TLS = "/etc/millrace/tls";
    private static final String ENCRYPTION_KEYS = "/etc/millrace/encryption-keys";
    private static final int CONTROLLERS_MAX = 3;

    private final OperatorConfig config;

    BrokerStatefulSet(OperatorConfig config) {
        this.config = config;
    }

    StatefulSet desired(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        boolean delete = pool.getSpec().storage().deleteClaim();
        return new StatefulSetBuilder()
                .withMetadata(PoolMetadata.of(pool, names.statefulSet()))
                .withNewSpec()
                .withReplicas(pool.getSpec().replicas())
                .withServiceName(names.headlessService())
                .withPodManagementPolicy("Parallel")
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .endUpdateStrategy()
                .withNewPersistentVolumeClaimRetentionPolicy(delete ? "Delete" : "Retain", "Retain")
                .withNewSelector()
                .withMatchLabels(names.selector())
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(names.labels())
                .addToAnnotations(SETTINGS_HASH, settingsHash(pool))
                .endMetadata()
                .withSpec(podSpec(pool))
                .endTemplate()
                .withVolumeClaimTemplates(claim(pool))
                .endSpec()
                .build();
    }

    private static String settingsHash(BrokerPool pool) {
        String settings =
                PoolObjects.settings(pool).getData().getOrDefault(PoolObjects.KAFKA_PROPERTIES, "");
        return Base64.getUrlEncoder().withoutPadding().encodeToString(PoolNames.md5(settings));
    }

    private static PersistentVolumeClaim claim(BrokerPool pool) {
        BrokerPoolSpec.Storage storage = pool.getSpec().storage();
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName("data")
                .withLabels(PoolNames.of(pool).labels())
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withStorageClassName(storage.className())
                .withNewResources()
                .addToRequests("storage", new Quantity(storage.size()))
                .endResources()
                .endSpec()
                .build();
    }

    private PodSpec podSpec(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        BrokerPoolSpec.Template template = pool.getSpec().template();
        return new PodSpecBuilder()
                .withServiceAccountName(names.serviceAccount())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(60L)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withNodeSelector(template.nodeSelector())
                .withTolerations(template.tolerations())
                .withAffinity(template.affinity())
                .withTopologySpreadConstraints(spread(names, template))
                .withPriorityClassName(template.priorityClassName())
                .withImagePullSecrets(template.imagePullSecrets())
                .withContainers(kafka(pool), gateway(pool))
                .withVolumes(volumes(pool))
                .build();
    }

    private static List<TopologySpreadConstraint> spread(
            PoolNames names, BrokerPoolSpec.Template template) {
        if (template.topologySpreadConstraints() != null
                && !template.topologySpreadConstraints().isEmpty()) {
            return template.topologySpreadConstraints();
        }
        return List.of(
                new TopologySpreadConstraintBuilder()
                        .withMaxSkew(1)
                        .withTopologyKey("kubernetes.io/hostname")
                        .withWhenUnsatisfiable("ScheduleAnyway")
                        .withNewLabelSelector()
                        .withMatchLabels(names.selector())
                        .endLabelSelector()
                        .build());
    }

    private Container kafka(BrokerPool pool) {
        return container(pool, "kafka", PoolNames.KAFKA_HEALTH_PORT)
                .withResources(
                        orElse(
                                pool.getSpec().kafka().resources(),
                                resources("250m", "512Mi", "576Mi")))
                .addNewPort()
                .withName("kafka")
                .withContainerPort(PoolNames.KAFKA_PORT)
                .withProtocol("TCP")
                .endPort()
                .addNewPort()
                .withName("controller")
                .withContainerPort(PoolNames.CONTROLLER_PORT)
                .withProtocol("TCP")
                .endPort()
                .addToVolumeMounts(mount("data", DATA, false), mount("settings", SETTINGS, true))
                .build();
    }

    private Container gateway(BrokerPool pool) {
        ContainerBuilder gateway =
                container(pool, "gateway", PoolNames.GATEWAY_HEALTH_PORT)
                        .withResources(
                                orElse(
                                        pool.getSpec().gateway().resources(),
                                        resources("100m", "320Mi", "448Mi")))
                        .addNewPort()
                        .withName("kinesis")
                        .withContainerPort(PoolNames.GATEWAY_PORT)
                        .withProtocol("TCP")
                        .endPort()
                        .addToVolumeMounts(
                                mount("access-keys", ACCESS_KEYS, true),
                                mount("encryption-keys", ENCRYPTION_KEYS, true));
        if (pool.getSpec().gateway().tls() == null) {
            return gateway.build();
        }
        return gateway.addNewPort()
                .withName("kinesis-tls")
                .withContainerPort(PoolNames.GATEWAY_TLS_PORT)
                .withProtocol("TCP")
                .endPort()
                .addNewEnv()
                .withName("MILLRACE_TLS_DIR")
                .withValue(TLS)
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_GATEWAY_TLS_PORT")
                .withValue(String.valueOf(PoolNames.GATEWAY_TLS_PORT))
                .endEnv()
                .addToVolumeMounts(mount("tls", TLS, true))
                .build();
    }

    private ContainerBuilder container(BrokerPool pool, String name, int healthPort) {
        String image = pool.getSpec().image();
        return new ContainerBuilder()
                .withName(name)
                .withImage(image == null ? config.brokerImage() : image)
                .withImagePullPolicy("IfNotPresent")
                .withArgs(name)
                .withEnv(environment(pool))
                .withSecurityContext(restricted())
                .withStartupProbe(probe("/health/live", healthPort, 2, 150))
                .withReadinessProbe(probe("/health/ready", healthPort, 2, 3))
                .withLivenessProbe(probe("/health/live", healthPort, 10, 6))
                .withPorts()
                .addNewPort()
                .withName(name.equals("kafka") ? "kafka-health" : "metrics")
                .withContainerPort(healthPort)
                .withProtocol("TCP")
                .endPort()
                .withVolumeMounts(mount("tmp", "/tmp", false));
    }

    private List<EnvVar> environment(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        int replicas = pool.getSpec().replicas();
        List<EnvVar> environment = new ArrayList<>();
        environment.add(
                new EnvVarBuilder()
                        .withName("POD_NAME")
                        .withNewValueFrom()
                        .withNewFieldRef("v1", "metadata.name")
                        .endValueFrom()
                        .build());
        Map.ofEntries(
                        Map.entry("MILLRACE_POOL", names.pool()),
                        Map.entry("MILLRACE_NAMESPACE", names.namespace()),
                        Map.entry("MILLRACE_REPLICAS", String.valueOf(replicas)),
                        Map.entry(
                                "MILLRACE_CONTROLLERS",
                                String.valueOf(Math.min(replicas, CONTROLLERS_MAX))),
                        Map.entry("MILLRACE_HEADLESS_SERVICE", names.headlessHost()),
                        Map.entry("MILLRACE_CLUSTER_ID", names.clusterId()),
                        Map.entry("MILLRACE_DATA_DIR", DATA),
                        Map.entry("MILLRACE_REPLICATION", String.valueOf(Math.min(replicas, 3))),
                        Map.entry(
                                "MILLRACE_KAFKA_CONFIG_FILE",
                                SETTINGS + "/" + PoolObjects.KAFKA_PROPERTIES),
                        Map.entry("MILLRACE_BOOTSTRAP_SERVERS", names.bootstrapServers()),
                        Map.entry("MILLRACE_GATEWAY_PORT", String.valueOf(PoolNames.GATEWAY_PORT)),
                        Map.entry(
                                "MILLRACE_METRICS_PORT",
                                String.valueOf(PoolNames.GATEWAY_HEALTH_PORT)),
                        Map.entry("MILLRACE_ACCESS_KEYS_DIR", ACCESS_KEYS),
                        Map.entry("MILLRACE_ENCRYPTION_KEYS_DIR", ENCRYPTION_KEYS),
                        Map.entry("MILLRACE_REGION", config.region()),
                        Map.entry("MILLRACE_ACCOUNT_ID", config.accountId()))
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry ->
                        environment.add(
                                new EnvVarBuilder()
                                        .withName(entry.getKey())
                                        .withValue(entry.getValue())
                                        .build()));
        return environment;
    }

    private static List<Volume> volumes(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        List<Volume> volumes = new ArrayList<>(ofEveryPool(pool, names));
        BrokerPoolSpec.Tls tls = pool.getSpec().gateway().tls();
        if (tls != null) {
            // A pod starts without it: a certificate that is lost is no reason not to serve.
            volumes.add(
                    new VolumeBuilder()
                            .withName("tls")
                            .withNewSecret()
                            .withSecretName(tls.secretName())
                            .withDefaultMode(0440)
                            .withOptional(true)
                            .endSecret()
                            .build());
        }
        return volumes;
    }

    private static List<Volume> ofEveryPool(BrokerPool pool, PoolNames names) {
        return List.of(
                new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build(),
                new VolumeBuilder()
                        .withName("settings")
                        .withNewConfigMap()
                        .withName(names.settings())
                        .withDefaultMode(0444)
                        .endConfigMap()
                        .build(),
                new VolumeBuilder()
                        .withName("encryption-keys")
                        .withNewSecret()
                        .withSecretName(names.encryptionKeysSecret())
                        .withDefaultMode(0440)
                        .withOptional(true)
                        .endSecret()
                        .build(),
                new VolumeBuilder()
                        .withName("access-keys")
                        .withNewProjected()
                        .withDefaultMode(0440)
                        .withSources(keys(pool))
                        .endProjected()
                        .build());
    }

    private static List<VolumeProjection> keys(BrokerPool pool) {
        List<VolumeProjection> keys = new ArrayList<>();
        keys.add(key(PoolNames.of(pool).operatorKeySecret(), "operator"));
        for (String secret : clientKeys(pool)) {
            keys.add(key(secret, "clients/" + secret));
            keys.add(policy(secret, "clients/" + secret));
        }
        return keys;
    }

    /** The Secrets that hold the access keys of clients. */
    static List<String> clientKeys(BrokerPool pool) {
        List<BrokerPoolSpec.AccessKey> given = pool.getSpec().accessKeys();
        return given.isEmpty()
                ? List.of(PoolNames.of(pool).accessKeySecret())
                : given.stream().map(BrokerPoolSpec.AccessKey::secretName).toList();
    }

    private static VolumeProjection key(String secret, String folder) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(secret)
                .addNewItem()
                .withKey("accessKeyId")
                .withPath(folder + "/accessKeyId")
                .endItem()
                .addNewItem()
                .withKey("secretAccessKey")
                .withPath(folder + "/secretAccessKey")
                .endItem()
                .endSecret()
                .build();
    }

    /** What the key may do; a Secret without a policy has a key that may do everything. */
    private static VolumeProjection policy(String secret, String folder) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(secret)
                .addNewItem()
                .withKey("policy")
                .withPath(folder + "/policy")
                .endItem()
                .withOptional(true)
                .endSecret()
                .build();
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }

    private static SecurityContext restricted() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
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

    private static ResourceRequirements orElse(
            @Nullable ResourceRequirements given, ResourceRequirements otherwise) {
        return given == null ? otherwise : given;
    }

    private static ResourceRequirements resources(String cpu, String memory, String memoryMax) {
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity(cpu))
                .addToRequests("memory", new Quantity(memory))
                .addToLimits("memory", new Quantity(memoryMax))
                .build();
    }
}
