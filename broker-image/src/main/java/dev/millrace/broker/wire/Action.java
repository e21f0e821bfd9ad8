/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.IOException;

/**
 * One operation of an API. Its class has the operation's name. Calls run in threads of their own.
 */
@FunctionalInterface
public interface Action {

    /**
     * Does what the call asks for.
     *
     * @throws AwsException for an error that the caller is told
     */
    Reply handle(Call call) throws IOException, InterruptedException;
}
