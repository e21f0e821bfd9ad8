/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.map.Command.ChangeRetention.Direction;
import java.io.IOException;

/** Keeps records for a longer time. */
public final class IncreaseStreamRetentionPeriod implements Action {

    private final RetentionChange change;

    public IncreaseStreamRetentionPeriod(Streams streams) {
        this.change = new RetentionChange(streams, Direction.INCREASE);
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return change.handle(call);
    }
}
