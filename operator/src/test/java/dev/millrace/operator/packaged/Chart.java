/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.packaged;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the Helm chart renders: the operator runs with exactly this. */
final class Chart {

    static final String NAMESPACE = "millrace";
    static final String NAME = "millrace";

    /** Helm, built where it is not installed. */
    private static final String RENDER =
            """
            . ./local-cluster/lib/common.sh
            PATH=$PATH:$BIN
            command -v helm >/dev/null || ./local-cluster/binaries >/dev/null
            exec helm template millrace charts/millrace --namespace millrace --kube-version 1.34
            """;

    private static final Set<String> OF_THE_OPERATOR =
            Set.of("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding");

    private final List<HasMetadata> objects;

    private Chart(List<HasMetadata> objects) {
        this.objects = objects;
    }

    static Chart render() throws IOException, InterruptedException {
        Process helm =
                new ProcessBuilder("bash", "-c", RENDER)
                        .directory(Path.of("..").toAbsolutePath().normalize().toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String yaml = new String(helm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (helm.waitFor() != 0) {
            throw new IOException("helm template failed");
        }
        return new Chart(
                Arrays.stream(yaml.split("(?m)^---$"))
                        .filter(part -> part.contains("kind: "))
                        .map(Chart::parse)
                        .toList());
    }

    private static HasMetadata parse(String yaml) {
        return Serialization.unmarshal(
                new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)));
    }

    /** Gives the API server the operator's account and roles. */
    void applyRoles(KubernetesClient admin) {
        objects.stream()
                .filter(object -> OF_THE_OPERATOR.contains(object.getKind()))
                .forEach(object -> admin.resource(object).serverSideApply());
    }

    /** The environment of the operator's container. */
    Map<String, String> environment() {
        Deployment deployment =
                objects.stream()
                        .filter(Deployment.class::isInstance)
                        .map(Deployment.class::cast)
                        .findFirst()
                        .orElseThrow();
        Map<String, String> environment = new LinkedHashMap<>();
        for (EnvVar variable :
                deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv()) {
            if (variable.getValue() != null) {
                environment.put(variable.getName(), variable.getValue());
            }
        }
        environment.put("POD_NAMESPACE", NAMESPACE);
        return environment;
    }
}
