/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events on pools. The name of one follows from what it tells: told twice, it is one Event. */
final class PoolEvents {

    private static final Logger LOG = LoggerFactory.getLogger(PoolEvents.class);

    private final KubernetesClient client;
    private final InstantSource clock;

    PoolEvents(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    void tell(BrokerPool pool, boolean warning, PoolReason reason, String message) {
        String name = pool.getMetadata().getName();
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        String id =
                Integer.toHexString((pool.getMetadata().getUid() + reason + message).hashCode());
        Event event =
                new EventBuilder()
                        .withNewMetadata()
                        .withName(
                                "%s.%s.%s"
                                        .formatted(
                                                name, reason.name().toLowerCase(Locale.ROOT), id))
                        .withNamespace(pool.getMetadata().getNamespace())
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withApiVersion(pool.getApiVersion())
                        .withKind(pool.getKind())
                        .withName(name)
                        .withNamespace(pool.getMetadata().getNamespace())
                        .withUid(pool.getMetadata().getUid())
                        .endInvolvedObject()
                        .withType(warning ? "Warning" : "Normal")
                        .withReason(reason.name())
                        .withMessage(message)
                        .withFirstTimestamp(now)
                        .withLastTimestamp(now)
                        .withCount(1)
                        .withNewSource()
                        .withComponent("millrace-operator")
                        .endSource()
                        .withReportingComponent("millrace-operator")
                        .build();
        try {
            client.v1()
                    .events()
                    .inNamespace(pool.getMetadata().getNamespace())
                    .resource(event)
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warn("Event {} on pool {} cannot be written: {}", reason, name, e.getMessage());
            }
        }
    }
}
