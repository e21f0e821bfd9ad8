/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.pool;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants of a pool. Defaults are in the schema, and here for objects that never saw it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.replicas != 2",
        message = "spec.replicas: a pool has 1 broker (a laptop) or 3 and more (production), not 2",
        fieldPath = ".replicas")
@ValidationRule(
        value = "(self.replicas == 1) == (oldSelf.replicas == 1)",
        message =
                "spec.replicas cannot change between 1 and more: the quorum of a pool is fixed when it is made; make a new pool",
        fieldPath = ".replicas")
@ValidationRule(
        value = "self.replicas >= oldSelf.replicas",
        message =
                "spec.replicas cannot shrink: brokers hold the only copies of records; make a new pool",
        fieldPath = ".replicas")
public record BrokerPoolSpec(
        @JsonPropertyDescription(
                        "Brokers: 1 for a laptop, 3 and more for production (three copies of each record).")
                @Default("1")
                @Min(1)
                @Max(99)
                Integer replicas,
        @JsonPropertyDescription("The volume of each broker.") @Default("{}") Storage storage,
        @JsonPropertyDescription("The Kafka container of each pod.") Kafka kafka,
        @JsonPropertyDescription("The gateway container of each pod, and its Service.")
                Gateway gateway,
        @JsonPropertyDescription(
                        "Access keys that clients may sign with; where there is none, one is made: the Secret NAME-access-key.")
                @Size(max = 50)
                List<AccessKey> accessKeys,
        @JsonPropertyDescription("Where pods run.") Template template,
        @JsonPropertyDescription("The broker image, if not the operator's.") @Size(max = 512)
                @Nullable String image) {

    public BrokerPoolSpec {
        replicas = replicas == null ? Integer.valueOf(1) : replicas;
        storage = storage == null ? new Storage("10Gi", null, false) : storage;
        kafka = kafka == null ? new Kafka(null, Map.of()) : kafka;
        gateway = gateway == null ? new Gateway(null, Service.BY_DEFAULT, null) : gateway;
        accessKeys = accessKeys == null ? List.of() : List.copyOf(accessKeys);
        template =
                template == null
                        ? new Template(Map.of(), List.of(), null, List.of(), null, List.of())
                        : template;
    }

    /** A pool of so many brokers, and all else by default. */
    public static BrokerPoolSpec ofReplicas(int replicas) {
        return new BrokerPoolSpec(
                replicas,
                new Storage("10Gi", null, false),
                new Kafka(null, Map.of()),
                new Gateway(null, Service.BY_DEFAULT, null),
                List.of(),
                new Template(Map.of(), List.of(), null, List.of(), null, List.of()),
                null);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "isQuantity(self.size) && quantity(self.size).isGreaterThan(quantity('0'))",
            message = "spec.storage.size: a quantity above zero, such as 10Gi",
            fieldPath = ".size")
    @ValidationRule(
            value = "quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0",
            message = "spec.storage.size cannot shrink: a volume only grows; make a new pool",
            fieldPath = ".size")
    @ValidationRule(
            value =
                    "has(self.className) == has(oldSelf.className) && (!has(self.className) || self.className == oldSelf.className)",
            message = "spec.storage.className cannot change: make a new pool",
            fieldPath = ".className")
    public record Storage(
            @JsonPropertyDescription("The size of each broker's volume. It may grow, never shrink.")
                    @Default("10Gi")
                    @Pattern("^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$")
                    @Size(min = 1, max = 20)
                    String size,
            @JsonPropertyDescription("The StorageClass; by default the cluster's. Cannot change.")
                    @Size(min = 1, max = 253)
                    @Nullable String className,
            @JsonPropertyDescription(
                            "Whether the volumes, and so all records, go when the pool is deleted.")
                    @Default("false")
                    Boolean deleteClaim,
            @JsonPropertyDescription(
                            "From how many percent of a volume on the pool says so, in the condition DiskPressure and an Event. Puts are refused where less than 5 %, at most 1 GiB, is free.")
                    @Default("80")
                    @Min(1)
                    @Max(99)
                    Integer warnAtPercent) {
        private static final int WARN_AT_PERCENT = 80;

        public Storage {
            size = size == null ? "10Gi" : size;
            deleteClaim = deleteClaim == null ? Boolean.FALSE : deleteClaim;
            warnAtPercent =
                    warnAtPercent == null ? Integer.valueOf(WARN_AT_PERCENT) : warnAtPercent;
        }

        /** With the warning by default. */
        public Storage(String size, @Nullable String className, Boolean deleteClaim) {
            this(size, className, deleteClaim, WARN_AT_PERCENT);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.config) || self.config.all(key, !key.startsWith('listener') && !key.startsWith('advertised.') && !key.startsWith('controller.') && !key.startsWith('node.') && !key.startsWith('broker.id') && !key.startsWith('process.') && !key.startsWith('log.dir') && !key.startsWith('inter.broker') && !key.startsWith('metadata.log.dir'))",
            message =
                    "spec.kafka.config cannot set listeners, advertised.*, controller.*, node.*, broker.id, process.*, log.dir*, inter.broker* or metadata.log.dir: the operator does",
            fieldPath = ".config")
    @ValidationRule(
            value =
                    "!has(self.config) || self.config.all(key, key.size() <= 128 && key.matches('^[a-zA-Z0-9._-]+$'))",
            message =
                    "spec.kafka.config: the name of a setting has at most 128 of a-z, A-Z, 0-9, '.', '_' and '-'",
            fieldPath = ".config")
    public record Kafka(
            @JsonPropertyDescription("CPU and memory of the Kafka container.")
                    @Nullable ResourceRequirements resources,
            @JsonPropertyDescription(
                            "Settings of Kafka's brokers; what the operator sets itself is refused.")
                    @Size(max = 100)
                    Map<String, String> config) {
        public Kafka {
            config = config == null ? Map.of() : Map.copyOf(config);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Gateway(
            @JsonPropertyDescription("CPU and memory of the gateway container.")
                    @Nullable ResourceRequirements resources,
            @JsonPropertyDescription("The Service that Kinesis clients connect to.")
                    Service service,
            @JsonPropertyDescription(
                            "Speak TLS, too, on port 4568 of the Service; by default only HTTP is spoken.")
                    @Nullable Tls tls) {
        public Gateway {
            service = service == null ? Service.BY_DEFAULT : service;
        }
    }

    public record Tls(
            @JsonPropertyDescription(
                            "A Secret of this namespace with the keys tls.crt and tls.key, as cert-manager makes them. A renewed one is taken up within a minute.")
                    @Required
                    @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
                    @Size(min = 1, max = 253)
                    String secretName) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.nodePort) || self.type != 'ClusterIP'",
            message = "spec.gateway.service.nodePort needs type NodePort or LoadBalancer",
            fieldPath = ".nodePort")
    public record Service(
            @JsonPropertyDescription("ClusterIP, NodePort or LoadBalancer.") @Default("ClusterIP")
                    Type type,
            @JsonPropertyDescription("The port on each node; by default the cluster chooses one.")
                    @Min(30_000)
                    @Max(32_767)
                    @Nullable Integer nodePort,
            @JsonPropertyDescription("Annotations of the Service, such as a load balancer's.")
                    @Size(max = 50)
                    Map<String, String> annotations) {
        static final Service BY_DEFAULT = new Service(Type.ClusterIP, null, Map.of());

        public enum Type {
            ClusterIP,
            NodePort,
            LoadBalancer
        }

        public Service {
            type = type == null ? Type.ClusterIP : type;
            annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
        }
    }

    public record AccessKey(
            @JsonPropertyDescription(
                            "A Secret of this namespace with the keys accessKeyId and secretAccessKey.")
                    @Required
                    @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
                    @Size(min = 1, max = 253)
                    String secretName) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Template(
            @JsonPropertyDescription("Labels of the nodes that pods may run on.") @Size(max = 50)
                    Map<String, String> nodeSelector,
            @JsonPropertyDescription("Taints that pods tolerate.") @Size(max = 50)
                    List<Toleration> tolerations,
            @JsonPropertyDescription("Which nodes and which neighbours pods like or need.")
                    @Nullable Affinity affinity,
            @JsonPropertyDescription("How pods spread; by default over nodes where possible.")
                    @Size(max = 10)
                    List<TopologySpreadConstraint> topologySpreadConstraints,
            @JsonPropertyDescription("The PriorityClass of the pods.") @Size(max = 253)
                    @Nullable String priorityClassName,
            @JsonPropertyDescription("Secrets to pull the image with.") @Size(max = 20)
                    List<LocalObjectReference> imagePullSecrets) {
        public Template {
            nodeSelector = nodeSelector == null ? Map.of() : Map.copyOf(nodeSelector);
            tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
            topologySpreadConstraints =
                    topologySpreadConstraints == null
                            ? List.of()
                            : List.copyOf(topologySpreadConstraints);
            imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
        }
    }
}
