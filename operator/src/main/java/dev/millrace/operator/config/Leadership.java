/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.config;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one of several operators comes to act, and ceases to.
 *
 * <p>The framework can end the process by itself when it no longer leads, but it does so on the
 * thread that tells it. Where that is the thread that shuts the process down, the two wait for each
 * other until the node kills the pod, and nobody acts meanwhile. It does not give the lease back
 * either. So both are done here.
 */
final class Leadership {

    static final String LEASE = "millrace-operator";

    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final Duration LEASE_LASTS = Duration.ofSeconds(15);
    private static final Duration RENEWED_WITHIN = Duration.ofSeconds(10);
    private static final Duration TRIED_EVERY = Duration.ofSeconds(2);

    private final String namespace;
    private final String identity;
    private final KubernetesClient client;

    Leadership(String namespace, String identity, KubernetesClient client) {
        this.namespace = namespace;
        this.identity = identity;
        this.client = client;
    }

    LeaderElectionConfiguration configuration() {
        return new LeaderElectionConfiguration(
                LEASE,
                namespace,
                LEASE_LASTS,
                RENEWED_WITHIN,
                TRIED_EVERY,
                identity,
                new LeaderCallbacks(
                        () -> LOG.info("{} leads", identity), this::stopped, this::tellLeader),
                false);
    }

    private void tellLeader(String leader) {
        // Nobody, for the moment in which a lease that was given back is taken.
        if (!leader.isEmpty()) {
            LOG.info("The leader is {}", leader);
        }
    }

    private void stopped() {
        LOG.info("{} no longer leads, and ends", identity);
        giveLeaseBack();
        // Not on this thread, which may be the one that shuts down; then nothing is left to do.
        Thread.ofPlatform().daemon().name("no-longer-leading").start(() -> System.exit(1));
    }

    /** By then nothing is reconciled any more, so that another may begin at once. */
    private void giveLeaseBack() {
        try {
            @Nullable Lease lease = client.leases().inNamespace(namespace).withName(LEASE).get();
            if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
                // With the version that was read: whoever has taken it since keeps it.
                client.resource(
                                new LeaseBuilder(lease)
                                        .editSpec()
                                        .withHolderIdentity("")
                                        .endSpec()
                                        .build())
                        .lockResourceVersion()
                        .update();
            }
        } catch (KubernetesClientException e) {
            LOG.info("The lease was not given back, and runs out: {}", e.getMessage());
        }
    }
}
