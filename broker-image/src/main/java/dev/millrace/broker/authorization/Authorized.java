/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.authorization;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Reply;
import java.io.IOException;

/** Lets those through to an action who may do it to what the request names. */
public final class Authorized implements Action {

    private final Action action;
    private final String operation;
    private final Permissions permissions;

    /**
     * @param operation the operation's name, such as {@code PutRecord}
     */
    public Authorized(Action action, String operation, Permissions permissions) {
        this.action = action;
        this.operation = operation;
        this.permissions = permissions;
    }

    @Override
    public Reply handle(Call call) throws IOException, InterruptedException {
        permissions.check(operation, call);
        return action.handle(call);
    }
}
