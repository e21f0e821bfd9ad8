/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/**
 * Creates resources under a field manager's name. Not by server-side apply, which would change one
 * that somebody else has made meanwhile.
 */
public final class NewResources {

    private NewResources() {}

    /** Whether it is new; otherwise one of that name was there, and is as it was. */
    public static boolean create(
            KubernetesClient client, HasMetadata resource, String fieldManager) {
        String path =
                "/apis/%s/namespaces/%s/%s?fieldManager=%s"
                        .formatted(
                                resource.getApiVersion(),
                                resource.getMetadata().getNamespace(),
                                resource.getPlural(),
                                fieldManager);
        try {
            client.raw(path, "POST", resource);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }
}
