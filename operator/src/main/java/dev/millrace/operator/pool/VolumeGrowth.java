/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/**
 * Lets volumes grow. A StatefulSet's claim template cannot change, so the claims are patched one by
 * one and the StatefulSet is made anew around its running pods.
 */
final class VolumeGrowth {

    private final KubernetesClient client;

    VolumeGrowth(KubernetesClient client) {
        this.client = client;
    }

    /** What came of it. */
    sealed interface Outcome {
        /** All volumes are as large as wanted. */
        record Settled() implements Outcome {}

        /** The StatefulSet was taken away, its pods were not: apply it again. */
        record Recreate() implements Outcome {}

        /** The StorageClass does not allow it. */
        record Impossible(String message) implements Outcome {}
    }

    Outcome reconcile(BrokerPool pool, StatefulSet existing) {
        Quantity wanted = new Quantity(pool.getSpec().storage().size());
        Quantity template =
                existing.getSpec()
                        .getVolumeClaimTemplates()
                        .getFirst()
                        .getSpec()
                        .getResources()
                        .getRequests()
                        .get("storage");
        if (template != null
                && wanted.getNumericalAmount().compareTo(template.getNumericalAmount()) <= 0) {
            return new Outcome.Settled();
        }
        PoolNames names = PoolNames.of(pool);
        for (int i = 0; i < pool.getSpec().replicas(); i++) {
            Optional<PersistentVolumeClaim> claim =
                    Optional.ofNullable(
                            client.persistentVolumeClaims()
                                    .inNamespace(names.namespace())
                                    .withName(names.claim(i))
                                    .get());
            if (claim.isPresent() && !allowsExpansion(claim.get())) {
                String name = claim.get().getSpec().getStorageClassName();
                return new Outcome.Impossible(
                        "spec.storage.size: %s does not let volumes grow; they stay at %s"
                                .formatted(
                                        name == null || name.isEmpty()
                                                ? "having no StorageClass"
                                                : "StorageClass " + name,
                                        template));
            }
            claim.ifPresent(present -> grow(present, wanted));
        }
        client.resource(existing).withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        return new Outcome.Recreate();
    }

    private boolean allowsExpansion(PersistentVolumeClaim claim) {
        String name = claim.getSpec().getStorageClassName();
        // A volume that somebody made by hand has none.
        if (name == null || name.isEmpty()) {
            return false;
        }
        StorageClass storageClass = client.storage().v1().storageClasses().withName(name).get();
        return storageClass != null && Boolean.TRUE.equals(storageClass.getAllowVolumeExpansion());
    }

    private void grow(PersistentVolumeClaim claim, Quantity wanted) {
        client.resource(claim)
                .edit(present -> {
                    present.getSpec().getResources().getRequests().put("storage", wanted);
                    return present;
                });
    }
}
