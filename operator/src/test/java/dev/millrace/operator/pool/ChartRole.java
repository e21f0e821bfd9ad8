/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.apiserver.ApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The operator's ServiceAccount with exactly the roles that the chart gives it: what a test does
 * with this client, an installed operator may do.
 */
public final class ChartRole {

    private static final String NAMESPACE = "default";
    private static final String ACCOUNT = "millrace-operator";

    /** Helm is built where it is not installed. */
    private static final String RENDER =
            """
            . ./local-cluster/lib/common.sh
            PATH=$PATH:$BIN
            command -v helm >/dev/null || ./local-cluster/binaries >/dev/null
            exec helm template millrace charts/millrace --namespace default --kube-version 1.34 \\
              --set serviceAccount.name=millrace-operator --show-only templates/rbac.yaml
            """;

    private ChartRole() {}

    public static KubernetesClient client(ApiServer server)
            throws IOException, InterruptedException {
        for (HasMetadata role : server.admin().load(new ByteArrayInputStream(rendered())).items()) {
            server.admin().resource(role).serverSideApply();
        }
        Config config = Config.fromKubeconfig(Files.readString(server.kubeconfig()));
        config.setImpersonateUsername("system:serviceaccount:" + NAMESPACE + ":" + ACCOUNT);
        config.setImpersonateGroups("system:serviceaccounts", "system:authenticated");
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static byte[] rendered() throws IOException, InterruptedException {
        Process helm =
                new ProcessBuilder("bash", "-c", RENDER)
                        .directory(Path.of("..").toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        byte[] yaml = helm.getInputStream().readAllBytes();
        if (helm.waitFor() != 0) {
            throw new IOException("helm cannot render the chart's roles");
        }
        return yaml;
    }
}
