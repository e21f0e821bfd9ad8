/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import java.io.IOException;

/** What the account has: no commitment to a bill, since nobody sends one. */
final class AccountSettings {

    enum Commitment {
        ENABLED,
        DISABLED
    }

    private AccountSettings() {}

    static AwsException noCommitment(String field) {
        return new AwsException(
                ErrorCode.VALIDATION,
                field
                        + " needs an account with MinimumThroughputBillingCommitment, which this account has not: a stream takes what its brokers can.");
    }

    static void write(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("MinimumThroughputBillingCommitment");
        out.writeStringField("Status", Commitment.DISABLED.name());
        out.writeEndObject();
    }
}
