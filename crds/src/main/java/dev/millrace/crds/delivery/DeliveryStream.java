/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Firehose delivery stream: from a source to one destination. */
@Group(dev.millrace.crds.Group.NAME)
@Version(dev.millrace.crds.Group.VERSION)
@Kind("DeliveryStream")
@Plural("deliverystreams")
@Singular("deliverystream")
@ShortNames("kdf")
@ValidationRule(
        value =
                "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        message =
                "metadata.name of a DeliveryStream: at most 40 of a-z, 0-9 and -, beginning with a letter, because its pods are named after it; spec.deliveryStreamName may be any of Firehose's names")
public class DeliveryStream extends CustomResource<DeliveryStreamSpec, DeliveryStreamStatus>
        implements Namespaced {

    private static final long serialVersionUID = 1L;

    /** The name that Firehose clients use. */
    public String deliveryStreamName() {
        String name = getSpec() == null ? null : getSpec().deliveryStreamName();
        return name == null ? getMetadata().getName() : name;
    }
}
