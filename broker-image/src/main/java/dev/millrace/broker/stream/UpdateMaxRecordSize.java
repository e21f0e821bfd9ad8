/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.StreamSettings;
import java.io.IOException;
import java.util.Optional;

/** Changes how large a record may be: 1 to 10 MiB with its partition key. */
public final class UpdateMaxRecordSize implements Action {

    private final Streams streams;

    public UpdateMaxRecordSize(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).checkArn(violations);
        Optional<Long> size = input.integer("MaxRecordSizeInKiB");
        violations
                .required("maxRecordSizeInKiB", size)
                .inRange(
                        "maxRecordSizeInKiB",
                        size,
                        StreamSettings.RECORD_SIZE_KIB_MIN,
                        StreamSettings.RECORD_SIZE_KIB_MAX)
                .check();
        streams.perform(
                new Command.ChangeSetting(
                        streams.find(reference).state().name(),
                        new SettingChange.RecordSize(size.orElseThrow().intValue())));
        return Answer.EMPTY;
    }
}
