/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Another object of the same namespace. */
public record Reference(
        @JsonPropertyDescription("Its name, in this namespace.")
                @Required
                @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
                @Size(min = 1, max = 253)
                String name) {}
