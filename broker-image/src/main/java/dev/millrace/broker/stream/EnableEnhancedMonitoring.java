/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import java.io.IOException;

/** Has metrics kept for each shard of a stream, too. */
public final class EnableEnhancedMonitoring implements Action {

    private final MonitoringChange change;

    public EnableEnhancedMonitoring(Streams streams) {
        this.change = new MonitoringChange(streams, true);
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return change.handle(call);
    }
}
