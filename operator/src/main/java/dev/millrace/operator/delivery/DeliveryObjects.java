/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec;
import dev.millrace.crds.delivery.DeliveryStreamSpec.State;
import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.pool.PoolNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a delivery stream is made of. Pure.
 *
 * @param image of the workers, where spec names none
 */
record DeliveryObjects(String image) {

    static final int PORT = 9464;
    static final String CONFIGURATION_HASH = "millrace.dev/configuration-hash";
    static final String SECRETS_HASH = "millrace.dev/secrets-hash";
    static final String RESTART_NONCE = "millrace.dev/restart-nonce";

    private static final String FILE = "spec.json";
    private static final String CONFIGURATION = "/etc/millrace/delivery/settings";
    private static final String ENCRYPTION_KEYS = "/etc/millrace/encryption-keys";
    private static final String SECRETS = "/etc/millrace/delivery/secrets";
    private static final long USER = 10_001;

    /** Workers need nothing of the API server. */
    static ServiceAccount serviceAccount(DeliveryStream stream) {
        return new ServiceAccountBuilder()
                .withMetadata(DeliveryNames.metadata(stream))
                .withAutomountServiceAccountToken(false)
                .build();
    }

    static ConfigMap settings(DeliveryStream stream, DeliveryConfiguration configuration) {
        return new ConfigMapBuilder()
                .withMetadata(DeliveryNames.metadata(stream))
                .withData(Map.of(FILE, configuration.json()))
                .build();
    }

    /** One worker at a time may be evicted: the others take its shards over. */
    static PodDisruptionBudget disruptionBudget(DeliveryStream stream) {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(DeliveryNames.metadata(stream))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                .withNewSelector()
                .withMatchLabels(DeliveryNames.of(stream).selector())
                .endSelector()
                .endSpec()
                .build();
    }

    /**
     * The workers.
     *
     * @param secretsHash of what is in the Secrets, so that another password reaches the workers
     */
    Deployment workers(
            DeliveryStream stream,
            DeliveryConfiguration configuration,
            String secretsHash,
            PoolRef pool,
            String bootstrapServers) {
        DeliveryNames names = DeliveryNames.of(stream);
        DeliveryStreamSpec spec = stream.getSpec();
        return new DeploymentBuilder()
                .withMetadata(DeliveryNames.metadata(stream))
                .withNewSpec()
                .withReplicas(spec.state() == State.Suspended ? 0 : spec.replicas())
                .withRevisionHistoryLimit(3)
                .withNewSelector()
                .withMatchLabels(names.selector())
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxSurge(new IntOrString(1))
                .withMaxUnavailable(new IntOrString(0))
                .endRollingUpdate()
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(names.labels())
                .addToAnnotations(
                        CONFIGURATION_HASH, DeliveryConfiguration.sha256(configuration.json()))
                .addToAnnotations(SECRETS_HASH, secretsHash)
                .addToAnnotations(
                        RESTART_NONCE,
                        Integer.toString(Objects.requireNonNullElse(spec.restartNonce(), 0)))
                .endMetadata()
                .withSpec(pod(stream, pool, bootstrapServers))
                .endTemplate()
                .endSpec()
                .build();
    }

    private PodSpec pod(DeliveryStream stream, PoolRef pool, String bootstrapServers) {
        DeliveryNames names = DeliveryNames.of(stream);
        PodSpecBuilder pod =
                new PodSpecBuilder()
                        .withServiceAccountName(names.workers())
                        .withAutomountServiceAccountToken(false)
                        .withEnableServiceLinks(false)
                        .withTerminationGracePeriodSeconds(60L)
                        .withNewSecurityContext()
                        .withRunAsNonRoot(true)
                        .withRunAsUser(USER)
                        .withRunAsGroup(USER)
                        .withFsGroup(USER)
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .endSecurityContext()
                        .withContainers(worker(stream, bootstrapServers))
                        .withVolumes(volumes(stream, pool));
        BrokerPoolSpec.Template template = stream.getSpec().template();
        if (template == null) {
            return pod.withTopologySpreadConstraints(spread(names)).build();
        }
        List<TopologySpreadConstraint> constraints = template.topologySpreadConstraints();
        return pod.withNodeSelector(template.nodeSelector())
                .withTolerations(template.tolerations())
                .withAffinity(template.affinity())
                .withTopologySpreadConstraints(
                        constraints.isEmpty() ? List.of(spread(names)) : constraints)
                .withPriorityClassName(template.priorityClassName())
                .withImagePullSecrets(template.imagePullSecrets())
                .build();
    }

    private static TopologySpreadConstraint spread(DeliveryNames names) {
        return new TopologySpreadConstraintBuilder()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .withMatchLabels(names.selector())
                .endLabelSelector()
                .build();
    }

    private Container worker(DeliveryStream stream, String bootstrapServers) {
        DeliveryStreamSpec spec = stream.getSpec();
        return new ContainerBuilder()
                .withName("worker")
                .withImage(spec.image() == null ? image : spec.image())
                .withImagePullPolicy("IfNotPresent")
                .addNewEnv()
                .withName("POD_NAME")
                .withNewValueFrom()
                .withNewFieldRef("v1", "metadata.name")
                .endValueFrom()
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_BOOTSTRAP_SERVERS")
                .withValue(bootstrapServers)
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_DELIVERY_CONFIG")
                .withValue(CONFIGURATION + "/" + FILE)
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_DELIVERY_SECRETS")
                .withValue(SECRETS)
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_DELIVERY_STREAM")
                .withValue(stream.deliveryStreamName())
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_ENCRYPTION_KEYS_DIR")
                .withValue(ENCRYPTION_KEYS)
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_METRICS_PORT")
                .withValue(Integer.toString(PORT))
                .endEnv()
                .addNewEnv()
                .withName("MILLRACE_NAMESPACE")
                .withValue(stream.getMetadata().getNamespace())
                .endEnv()
                .addNewPort()
                .withName("metrics")
                .withContainerPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(spec.resources() == null ? resources() : spec.resources())
                // What the worker last said is then in its status, and so in ours.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withStartupProbe(probe("/health/live", 2, 60))
                .withReadinessProbe(probe("/health/ready", 5, 3))
                .withLivenessProbe(probe("/health/live", 10, 6))
                .withVolumeMounts(mounts(stream))
                .build();
    }

    private static ResourceRequirements resources() {
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("320Mi"))
                .addToLimits("memory", new Quantity("512Mi"))
                .build();
    }

    private static List<String> secrets(DeliveryStream stream) {
        return NeededSecret.of(stream.getSpec()).stream()
                .map(NeededSecret::name)
                .distinct()
                .sorted()
                .toList();
    }

    private static List<Volume> volumes(DeliveryStream stream, PoolRef pool) {
        List<Volume> volumes = new ArrayList<>();
        // Records of an encrypted stream are delivered as they were put.
        volumes.add(
                new VolumeBuilder()
                        .withName("encryption-keys")
                        .withNewSecret()
                        .withSecretName(
                                new PoolNames(pool.name(), pool.namespace()).encryptionKeysSecret())
                        .withDefaultMode(0440)
                        .withOptional(true)
                        .endSecret()
                        .build());
        volumes.add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
        volumes.add(
                new VolumeBuilder()
                        .withName("settings")
                        .withNewConfigMap()
                        .withName(DeliveryNames.of(stream).workers())
                        .withDefaultMode(0444)
                        .endConfigMap()
                        .build());
        List<String> secrets = secrets(stream);
        for (int i = 0; i < secrets.size(); i++) {
            volumes.add(
                    new VolumeBuilder()
                            .withName("secret-" + i)
                            .withNewSecret()
                            .withSecretName(secrets.get(i))
                            .withDefaultMode(0440)
                            .endSecret()
                            .build());
        }
        return volumes;
    }

    private static List<VolumeMount> mounts(DeliveryStream stream) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(new VolumeMountBuilder().withName("tmp").withMountPath("/tmp").build());
        mounts.add(mount("settings", CONFIGURATION));
        mounts.add(mount("encryption-keys", ENCRYPTION_KEYS));
        List<String> secrets = secrets(stream);
        for (int i = 0; i < secrets.size(); i++) {
            mounts.add(mount("secret-" + i, SECRETS + "/" + secrets.get(i)));
        }
        return mounts;
    }

    private static VolumeMount mount(String name, String path) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(true)
                .build();
    }

    private static Probe probe(String path, int periodSeconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withNewPort(PORT)
                .withScheme("HTTP")
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withTimeoutSeconds(3)
                .withSuccessThreshold(1)
                .withFailureThreshold(failures)
                .build();
    }

    static boolean isCurrent(@Nullable Deployment workers) {
        return workers != null
                && workers.getStatus() != null
                && workers.getStatus().getObservedGeneration() != null
                && workers.getStatus().getObservedGeneration()
                        >= workers.getMetadata().getGeneration();
    }
}
