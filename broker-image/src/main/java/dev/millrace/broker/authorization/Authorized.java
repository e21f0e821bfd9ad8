/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.authorization;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Reply;
import java.io.IOException;

/** Lets those through to an action who may do it to what the request names. */
public final class Authorized implements Action {

    private final Action action;
    private final String name;
    private final Permissions permissions;

    /**
     * @param name the operation as policies name it, such as {@code kinesis:PutRecord}
     */
    public Authorized(Action action, String name, Permissions permissions) {
        this.action = action;
        this.name = name;
        this.permissions = permissions;
    }

    @Override
    public Reply handle(Call call) throws IOException, InterruptedException {
        permissions.check(name, call);
        return action.handle(call);
    }
}
