/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.Optional;

/** Takes the policy of a resource away. */
public final class DeleteResourcePolicy implements Action {

    private final Streams streams;

    public DeleteResourcePolicy(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Violations violations = new Violations();
        ResourceReference resource = ResourceReference.of(call.input()).check(violations);
        violations.check();
        Resource found = resource.find(streams);
        if (found.policy().isEmpty()) {
            throw new AwsException(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "No resource policy is attached to %s."
                            .formatted(resource.arn().orElseThrow()));
        }
        streams.perform(found.changePolicy(Optional.empty()));
        return Answer.EMPTY;
    }
}
