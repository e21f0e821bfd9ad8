/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.encryption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys out of a mounted Secret: each file is a key, named as the key is, of 32 bytes or of their
 * base64. It is read whenever a key is looked for, which is seldom: data keys are kept.
 */
public final class EncryptionKeyDirectory implements EncryptionKeys {

    private static final int KEY_BYTES = 32;

    private final Path directory;

    public EncryptionKeyDirectory(Path directory) {
        this.directory = directory;
    }

    /**
     * @throws IllegalStateException if the key is there and cannot be used
     */
    @Override
    public Optional<SecretKey> find(KeyName name) {
        Path file = directory.resolve(name.value());
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(Files.readAllBytes(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "Encryption key %s cannot be used: %s".formatted(name, e.getMessage()), e);
        }
    }

    /**
     * A key of 32 bytes, or of their base64.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static SecretKey parse(byte[] content) {
        byte[] key =
                content.length == KEY_BYTES
                        ? content
                        : Base64.getMimeDecoder()
                                .decode(new String(content, StandardCharsets.US_ASCII).strip());
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    "it has %d bytes, not %d (or their base64)".formatted(key.length, KEY_BYTES));
        }
        return new SecretKeySpec(key, "AES");
    }
}
