/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the objects of a delivery stream are called: all follows from its name. */
record DeliveryNames(String name, String namespace) {

    static final String COMPONENT = "delivery";
    static final String PAUSE = "millrace.dev/pause-reconciliation";
    static final String FINALIZER = "millrace.dev/delivery-stream";

    static DeliveryNames of(DeliveryStream stream) {
        return new DeliveryNames(
                stream.getMetadata().getName(), stream.getMetadata().getNamespace());
    }

    /** The Deployment, its ConfigMap, ServiceAccount and disruption budget. */
    String workers() {
        return name + "-delivery";
    }

    /** What the pods are selected by; never changes. */
    Map<String, String> selector() {
        return new TreeMap<>(
                Map.of(
                        "app.kubernetes.io/name", "millrace",
                        "app.kubernetes.io/instance", name,
                        "app.kubernetes.io/component", COMPONENT));
    }

    /** The selector in the form of the scale subresource. */
    String selectorText() {
        return selector().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
    }

    Map<String, String> labels() {
        Map<String, String> labels = new TreeMap<>(selector());
        labels.put("app.kubernetes.io/part-of", "millrace");
        labels.put("app.kubernetes.io/managed-by", "millrace-operator");
        return labels;
    }

    /** Named, labelled, and owned, so that the object goes with its DeliveryStream. */
    static ObjectMeta metadata(DeliveryStream owner) {
        DeliveryNames names = of(owner);
        return new ObjectMetaBuilder()
                .withName(names.workers())
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
    static boolean isPaused(DeliveryStream stream) {
        return Optional.ofNullable(stream.getMetadata().getAnnotations())
                .map(annotations -> "true".equals(annotations.get(PAUSE)))
                .orElse(false);
    }
}
