/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import dev.millrace.broker.stream.Account;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Reply;
import java.io.IOException;

/** Lets only the operator through to an action. */
public final class OperatorOnly implements Action {

    private final Action action;
    private final Account account;

    public OperatorOnly(Action action, Account account) {
        this.action = action;
        this.account = account;
    }

    @Override
    public Reply handle(Call call) throws IOException, InterruptedException {
        return switch (call.caller().role()) {
            case OPERATOR -> action.handle(call);
            case CLIENT ->
                    throw new AwsException(
                            ErrorCode.ACCESS_DENIED,
                            "User: arn:aws:iam::%s:user/%s is not authorized to perform: millrace:%s"
                                    .formatted(
                                            account.id(),
                                            call.caller().user(),
                                            action.getClass().getSimpleName()));
        };
    }
}
