/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on Streams. The name of one follows from what it tells, so that the same thing told twice,
 * by an operator that died before it could note it, is one Event.
 */
final class StreamEvents {

    private static final Logger LOG = LoggerFactory.getLogger(StreamEvents.class);
    private static final int MESSAGE_MAX = 1_000;

    /** What {@code kubectl describe} shows beside an Event. */
    enum Kind {
        Normal,
        Warning
    }

    private final KubernetesClient client;
    private final InstantSource clock;

    StreamEvents(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * Tells of something.
     *
     * @param occasion what makes it another event than the last of the same reason: a reshard's
     *     number, a stream's id
     */
    void tell(HasMetadata about, Kind kind, StreamReason reason, String occasion, String message) {
        String name = about.getMetadata().getName();
        String uid = about.getMetadata().getUid();
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        String id = Integer.toHexString((uid + reason + occasion).hashCode());
        try {
            client.v1()
                    .events()
                    .inNamespace(about.getMetadata().getNamespace())
                    .resource(
                            new EventBuilder()
                                    .withNewMetadata()
                                    .withName(
                                            "%s.%s.%s"
                                                    .formatted(
                                                            name,
                                                            reason.text()
                                                                    .toLowerCase(
                                                                            java.util.Locale.ROOT),
                                                            id))
                                    .withNamespace(about.getMetadata().getNamespace())
                                    .endMetadata()
                                    .withNewInvolvedObject()
                                    .withApiVersion(about.getApiVersion())
                                    .withKind(about.getKind())
                                    .withName(name)
                                    .withNamespace(about.getMetadata().getNamespace())
                                    .withUid(uid)
                                    .endInvolvedObject()
                                    .withType(kind.name())
                                    .withReason(reason.text())
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
                // An Event is a courtesy: what it tells of has happened all the same.
                LOG.warn("No Event {} on {}: {}", reason.text(), name, e.getMessage());
            }
        }
    }
}
