/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.stream;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Kinesis data stream. */
@Group(dev.millrace.crds.Group.NAME)
@Version(dev.millrace.crds.Group.VERSION)
@Kind("Stream")
@Plural("streams")
@Singular("stream")
@ShortNames("kds")
@ValidationRule(
        value = "has(self.spec.streamName) || self.metadata.name.size() <= 128",
        message =
                "metadata.name is longer than the 128 characters of a stream's name: shorten it or set spec.streamName")
public class Stream extends CustomResource<StreamSpec, StreamStatus> implements Namespaced {

    private static final long serialVersionUID = 1L;

    /** The name that Kinesis clients use. */
    public String streamName() {
        String name = getSpec() == null ? null : getSpec().streamName();
        return name == null ? getMetadata().getName() : name;
    }
}
