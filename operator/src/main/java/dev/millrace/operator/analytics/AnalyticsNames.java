/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.crds.analytics.AnalyticsApplication;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the objects of an application are called: all follows from its name. */
record AnalyticsNames(String name, String namespace) {

    static final String COMPONENT = "analytics";
    static final String WORKER_COMPONENT = "analytics-worker";
    private static final String PAUSE = "millrace.dev/pause-reconciliation";

    static AnalyticsNames of(AnalyticsApplication application) {
        return new AnalyticsNames(
                application.getMetadata().getName(), application.getMetadata().getNamespace());
    }

    /** The Deployment, its ConfigMap and its ServiceAccount. */
    String pods() {
        return name + "-analytics";
    }

    /** The Deployment of the pods that share its work. */
    String workers() {
        return name + "-analytics-workers";
    }

    /** Where these find the Trino in the pod, and what they prove themselves with. */
    String trino() {
        return name + "-analytics-trino";
    }

    /** What the workers are selected by. */
    Map<String, String> workerSelector() {
        Map<String, String> labels = new TreeMap<>(selector());
        labels.put("app.kubernetes.io/component", WORKER_COMPONENT);
        return labels;
    }

    /** What the pod is selected by; never changes. */
    Map<String, String> selector() {
        return new TreeMap<>(
                Map.of(
                        "app.kubernetes.io/name", "millrace",
                        "app.kubernetes.io/instance", name,
                        "app.kubernetes.io/component", COMPONENT));
    }

    Map<String, String> labels() {
        Map<String, String> labels = new TreeMap<>(selector());
        labels.put("app.kubernetes.io/part-of", "millrace");
        labels.put("app.kubernetes.io/managed-by", "millrace-operator");
        return labels;
    }

    /** Named, labelled, and owned, so that the object goes with its application. */
    static ObjectMeta metadata(AnalyticsApplication owner) {
        AnalyticsNames names = of(owner);
        return new ObjectMetaBuilder()
                .withName(names.pods())
                .withNamespace(names.namespace())
                .withLabels(names.labels())
                .withOwnerReferences(
                        new OwnerReferenceBuilder()
                                .withApiVersion(owner.getApiVersion())
                                .withKind(owner.getKind())
                                .withName(owner.getMetadata().getName())
                                .withUid(owner.getMetadata().getUid())
                                .withController(true)
                                .withBlockOwnerDeletion(true)
                                .build())
                .build();
    }

    /** Whether somebody holds the operator off. */
    static boolean isPaused(AnalyticsApplication application) {
        return Optional.ofNullable(application.getMetadata().getAnnotations())
                .map(annotations -> "true".equals(annotations.get(PAUSE)))
                .orElse(false);
    }
}
