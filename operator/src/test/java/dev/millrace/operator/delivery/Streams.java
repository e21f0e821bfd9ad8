/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Delivery streams for tests, as an API server would hand them to the operator. */
final class Streams {

    private Streams() {}

    static DeliveryStream stream(String specYaml) {
        DeliveryStream stream = new DeliveryStream();
        stream.setMetadata(
                new ObjectMetaBuilder()
                        .withName("lake")
                        .withNamespace("shop")
                        .withUid("7d444840-9dc0-11d1-b245-5ffdce74fad2")
                        .withCreationTimestamp("2026-11-01T10:00:00Z")
                        .withGeneration(3L)
                        .build());
        // Begun like this, what looks like JSON is read as YAML.
        stream.setSpec(Serialization.unmarshal("---\n" + specYaml, DeliveryStreamSpec.class));
        return stream;
    }
}
