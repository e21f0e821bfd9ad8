/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** A condition as Kubernetes's metav1.Condition has it; there is one of each type at most. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required @JsonPropertyDescription("What the condition is about, such as Ready.")
                String type,
        @Required @JsonPropertyDescription("True, False or Unknown.") String status,
        @Required @JsonPropertyDescription("Why, in one word of a closed list.") String reason,
        @Required @JsonPropertyDescription("Why, for a person.") String message,
        @Required @JsonPropertyDescription("When the status last changed, RFC 3339.")
                String lastTransitionTime,
        @JsonPropertyDescription("The generation that the condition speaks of.")
                long observedGeneration) {}
