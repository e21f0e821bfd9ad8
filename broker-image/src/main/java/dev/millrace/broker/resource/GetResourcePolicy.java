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

/** The policy of a resource, as it was put. */
public final class GetResourcePolicy implements Action {

    private final Streams streams;

    public GetResourcePolicy(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Violations violations = new Violations();
        ResourceReference resource = ResourceReference.of(call.input()).check(violations);
        violations.check();
        String policy =
                resource.find(streams)
                        .policy()
                        .orElseThrow(() ->
                                new AwsException(
                                        ErrorCode.RESOURCE_NOT_FOUND,
                                        "No resource policy is attached to %s."
                                                .formatted(resource.arn().orElseThrow())));
        return (out, _) -> out.writeStringField("Policy", policy);
    }
}
