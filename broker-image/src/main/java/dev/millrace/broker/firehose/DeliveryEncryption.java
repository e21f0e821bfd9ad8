/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.encryption.KeyName;
import dev.millrace.shard.encryption.RecordCipher;
import java.io.IOException;
import java.util.Optional;

/**
 * The keys of delivery streams in Firehose's words. They are those of streams, of the pool's
 * Secret; the one that Amazon owns is {@code aws.firehose} there.
 */
final class DeliveryEncryption {

    private enum Type {
        AWS_OWNED_CMK,
        CUSTOMER_MANAGED_CMK
    }

    /** The member of a request that names the key. */
    static final String INPUT = "DeliveryStreamEncryptionConfigurationInput";

    private static final String OWNED = "alias/aws/firehose";

    private final RecordCipher cipher;

    DeliveryEncryption(RecordCipher cipher) {
        this.cipher = cipher;
    }

    /**
     * The id of the key that a request means; Amazon's own one where {@link #INPUT} is missing.
     *
     * @throws AwsException if it is not well formed, or the key is not there
     */
    String keyId(ObjectNode body) {
        JsonNode given = body.path(INPUT);
        Optional<String> type = Optional.ofNullable(given.path("KeyType").textValue());
        String where = Translation.lowerFirst(INPUT) + ".keyType";
        Violations violations = new Violations();
        if (given.isObject()) {
            violations.required(where, type);
        }
        violations.oneOf(where, type, Type.values()).check();
        String arn = given.path("KeyARN").asText("");
        String keyId =
                switch (Type.valueOf(type.orElse(Type.AWS_OWNED_CMK.name()))) {
                    case AWS_OWNED_CMK -> {
                        if (!arn.isEmpty()) {
                            throw AwsException.invalidArgument(
                                    "KeyARN must not be given when KeyType is AWS_OWNED_CMK.");
                        }
                        yield OWNED;
                    }
                    case CUSTOMER_MANAGED_CMK -> {
                        if (arn.isEmpty()) {
                            throw AwsException.invalidArgument(
                                    "KeyARN must be given when KeyType is CUSTOMER_MANAGED_CMK.");
                        }
                        yield arn;
                    }
                };
        check(keyId);
        return keyId;
    }

    private void check(String keyId) {
        KeyName name;
        try {
            name = KeyName.ofKeyId(keyId);
        } catch (IllegalArgumentException _) {
            throw AwsException.invalidArgument("KeyARN is no ARN of a key: " + keyId);
        }
        if (!cipher.has(name)) {
            throw new AwsException(
                    ErrorCode.INVALID_KMS_RESOURCE,
                    "Encryption key %s is not there. Keys are in the Secret <pool>-encryption-keys."
                            .formatted(name));
        }
    }

    /** As a description shows it. */
    static void write(JsonGenerator out, Optional<String> keyId) throws IOException {
        out.writeObjectFieldStart("DeliveryStreamEncryptionConfiguration");
        if (keyId.isPresent()) {
            boolean owned = keyId.get().equals(OWNED);
            out.writeStringField(
                    "KeyType", (owned ? Type.AWS_OWNED_CMK : Type.CUSTOMER_MANAGED_CMK).name());
            if (!owned) {
                out.writeStringField("KeyARN", keyId.get());
            }
        }
        out.writeStringField("Status", keyId.isPresent() ? "ENABLED" : "DISABLED");
        out.writeEndObject();
    }
}
