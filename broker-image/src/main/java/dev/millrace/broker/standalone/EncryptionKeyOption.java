/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.standalone;

import dev.millrace.shard.encryption.EncryptionKeyDirectory;
import dev.millrace.shard.encryption.KeyName;
import java.nio.charset.StandardCharsets;
import javax.crypto.SecretKey;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an encryption key given as {@code NAME:BASE64}. */
final class EncryptionKeyOption implements ITypeConverter<EncryptionKeyOption.Given> {

    /** A key and its name. */
    record Given(KeyName name, SecretKey key) {}

    @Override
    public Given convert(String text) {
        int colon = text.indexOf(':');
        try {
            if (colon > 0) {
                return new Given(
                        new KeyName(text.substring(0, colon)),
                        EncryptionKeyDirectory.parse(
                                text.substring(colon + 1).getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (IllegalArgumentException _) {
            // Told below, without the text: it may hold the key.
        }
        throw new TypeConversionException(
                "an encryption key is given as NAME:BASE64, with the base64 of 32 bytes");
    }
}
