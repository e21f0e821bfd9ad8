/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.policy.MalformedPolicyException;
import dev.millrace.broker.policy.Policy;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.Optional;

/** Says who else may do what with a resource, in the place of what was said before. */
public final class PutResourcePolicy implements Action {

    /** Amazon's bound of a policy. */
    private static final int POLICY_CHARACTERS_MAX = 20 * 1024;

    private final Streams streams;

    public PutResourcePolicy(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        ResourceReference resource = ResourceReference.of(input).check(violations);
        Optional<String> document = input.string("Policy");
        violations.required("policy", document).check();
        Resource found = resource.find(streams);
        check(document.orElseThrow());
        streams.perform(found.changePolicy(document));
        return Answer.EMPTY;
    }

    private static void check(String document) {
        if (document.length() > POLICY_CHARACTERS_MAX) {
            throw AwsException.invalidArgument(
                    "The policy has %d characters, more than the %d that there may be."
                            .formatted(document.length(), POLICY_CHARACTERS_MAX));
        }
        try {
            Policy.ofResource(document);
        } catch (MalformedPolicyException e) {
            throw AwsException.invalidArgument("The policy is malformed: " + e.getMessage());
        }
    }
}
