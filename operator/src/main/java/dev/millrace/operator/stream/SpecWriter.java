/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.stream.Stream;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;

/**
 * Writes into spec what the Kinesis API changed: the only writer of spec that the operator has. It
 * names the version that it has seen, so that a user who edits at the same moment wins.
 */
final class SpecWriter {

    /** Tells the API's changes from the users' in {@code metadata.managedFields}. */
    static final String FIELD_MANAGER = "millrace-api";

    private final KubernetesClient client;

    SpecWriter(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The resource as it is afterwards.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with code 409 if somebody has
     *     written it since
     */
    Stream carryBack(Stream stream, Settings changes) {
        StringBuilder spec = new StringBuilder();
        for (Map.Entry<Setting, Integer> change : changes.values().entrySet()) {
            spec.append(spec.isEmpty() ? "" : ",")
                    .append('"')
                    .append(change.getKey().field())
                    .append("\":")
                    .append(change.getKey().json(change.getValue()));
        }
        String patch =
                "{\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{%s}}"
                        .formatted(stream.getMetadata().getResourceVersion(), spec);
        return client.resources(Stream.class)
                .inNamespace(stream.getMetadata().getNamespace())
                .withName(stream.getMetadata().getName())
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.JSON_MERGE)
                                .withFieldManager(FIELD_MANAGER)
                                .build(),
                        patch);
    }
}
