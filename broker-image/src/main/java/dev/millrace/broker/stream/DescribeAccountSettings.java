/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;

/** The settings of the account: there is no billing to commit to. */
public final class DescribeAccountSettings implements Action {

    @Override
    public Answer handle(Call call) {
        return (out, _) -> AccountSettings.write(out);
    }
}
