/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.stream.AccountSettings.Commitment;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.Optional;

/** Takes what is so already, and refuses a commitment to a bill that nobody sends. */
public final class UpdateAccountSettings implements Action {

    @Override
    public Answer handle(Call call) throws IOException {
        Optional<Input> commitment = call.input().structure("MinimumThroughputBillingCommitment");
        Optional<String> status = commitment.flatMap(given -> given.string("Status"));
        Violations violations =
                new Violations().required("minimumThroughputBillingCommitment", commitment);
        if (commitment.isPresent()) {
            violations.required("minimumThroughputBillingCommitment.status", status);
        }
        violations
                .oneOf("minimumThroughputBillingCommitment.status", status, Commitment.values())
                .check();
        if (Commitment.valueOf(status.orElseThrow()) == Commitment.ENABLED) {
            throw AwsException.invalidArgument(
                    "MinimumThroughputBillingCommitment cannot be enabled: this account has no billing.");
        }
        return (out, _) -> AccountSettings.write(out);
    }
}
