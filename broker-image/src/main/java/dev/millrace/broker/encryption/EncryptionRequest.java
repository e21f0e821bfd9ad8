/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.encryption;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.encryption.KeyName;
import java.util.Optional;

/** What both operations on encryption are asked. */
record EncryptionRequest(StreamReference stream, String keyId, KeyName key) {

    private static final int KEY_ID_LENGTH_MAX = 2048;

    private enum Type {
        NONE,
        KMS
    }

    /**
     * @throws AwsException if it is not well formed
     */
    static EncryptionRequest parse(Input input) {
        Violations violations = new Violations();
        StreamReference stream = StreamReference.of(input).check(violations);
        Optional<String> type = input.string("EncryptionType");
        Optional<String> keyId = input.string("KeyId");
        violations
                .required("encryptionType", type)
                .oneOf("encryptionType", type, Type.values())
                .required("keyId", keyId)
                .length("keyId", keyId, 1, KEY_ID_LENGTH_MAX)
                .check();
        if (Type.valueOf(type.orElseThrow()) != Type.KMS) {
            throw AwsException.invalidArgument(
                    "EncryptionType must be KMS; to write records as they are use StopStreamEncryption.");
        }
        try {
            return new EncryptionRequest(
                    stream, keyId.orElseThrow(), KeyName.ofKeyId(keyId.orElseThrow()));
        } catch (IllegalArgumentException _) {
            throw AwsException.invalidArgument(
                    "KeyId %s is neither a key's name nor the ARN of a key or an alias."
                            .formatted(keyId.orElseThrow()));
        }
    }
}
