/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.analytics;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Standard SQL that runs continuously over streams. */
@Group(dev.millrace.crds.Group.NAME)
@Version(dev.millrace.crds.Group.VERSION)
@Kind("AnalyticsApplication")
@Plural("analyticsapplications")
@Singular("analyticsapplication")
@ShortNames("kda")
@ValidationRule(
        value =
                "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        message =
                "metadata.name of an AnalyticsApplication: at most 40 of a-z, 0-9 and -, beginning with a letter, because its pods are named after it")
public class AnalyticsApplication
        extends CustomResource<AnalyticsApplicationSpec, AnalyticsApplicationStatus>
        implements Namespaced {

    private static final long serialVersionUID = 1L;
}
