/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.resource;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on a resource. The name of one follows from what it tells and on which occasion: told
 * twice, it is one Event.
 */
public final class ResourceEvents {

    private static final Logger LOG = LoggerFactory.getLogger(ResourceEvents.class);
    private static final int MESSAGE_MAX = 1_000;

    private final KubernetesClient client;
    private final InstantSource clock;

    public ResourceEvents(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * @param warning whether somebody should look at it
     * @param reason one of a closed set
     */
    public void tell(HasMetadata about, boolean warning, Enum<?> reason, String message) {
        String name = about.getMetadata().getName();
        String namespace = about.getMetadata().getNamespace();
        String uid = about.getMetadata().getUid();
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        String id = Integer.toHexString((uid + reason + message).hashCode());
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(
                            new EventBuilder()
                                    .withNewMetadata()
                                    .withName(
                                            "%s.%s.%s"
                                                    .formatted(
                                                            name,
                                                            reason.name().toLowerCase(Locale.ROOT),
                                                            id))
                                    .withNamespace(namespace)
                                    .endMetadata()
                                    .withNewInvolvedObject()
                                    .withApiVersion(about.getApiVersion())
                                    .withKind(about.getKind())
                                    .withName(name)
                                    .withNamespace(namespace)
                                    .withUid(uid)
                                    .endInvolvedObject()
                                    .withType(warning ? "Warning" : "Normal")
                                    .withReason(reason.name())
                                    .withMessage(
                                            message.substring(
                                                    0, Math.min(message.length(), MESSAGE_MAX)))
                                    .withFirstTimestamp(now)
                                    .withLastTimestamp(now)
                                    .withCount(1)
                                    .withNewSource()
                                    .withComponent("millrace-operator")
                                    .endSource()
                                    .withReportingComponent("millrace-operator")
                                    .withReportingInstance("millrace-operator")
                                    .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warn("No Event {} on {}: {}", reason, name, e.getMessage());
            }
        }
    }
}
