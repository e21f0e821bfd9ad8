/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.encryption;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.SettingChange;
import java.io.IOException;
import java.util.Optional;

/** Writes what is put into a stream as it is from now on; what is encrypted stays so. */
public final class StopStreamEncryption implements Action {

    private final Streams streams;

    public StopStreamEncryption(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        EncryptionRequest request = EncryptionRequest.parse(call.input());
        StreamName stream = streams.find(request.stream()).state().name();
        streams.perform(
                new Command.ChangeSetting(stream, new SettingChange.Encryption(Optional.empty())));
        return Answer.EMPTY;
    }
}
