/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.encryption;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.SettingChange;
import java.io.IOException;
import java.util.Optional;

/** Encrypts what is put into a stream from now on; what is in it stays as it is. */
public final class StartStreamEncryption implements Action {

    private final Streams streams;
    private final RecordCipher cipher;

    public StartStreamEncryption(Streams streams, RecordCipher cipher) {
        this.streams = streams;
        this.cipher = cipher;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        EncryptionRequest request = EncryptionRequest.parse(call.input());
        StreamName stream = streams.find(request.stream()).state().name();
        if (!cipher.has(request.key())) {
            throw new AwsException(
                    ErrorCode.KMS_NOT_FOUND,
                    "Encryption key %s is not there. Keys are in the Secret <pool>-encryption-keys."
                            .formatted(request.key()));
        }
        streams.perform(
                new Command.ChangeSetting(
                        stream, new SettingChange.Encryption(Optional.of(request.keyId()))));
        return Answer.EMPTY;
    }
}
