/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import java.io.IOException;

/** Has metrics kept for a stream as a whole only. */
public final class DisableEnhancedMonitoring implements Action {

    private final MonitoringChange change;

    public DisableEnhancedMonitoring(Streams streams) {
        this.change = new MonitoringChange(streams, false);
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return change.handle(call);
    }
}
