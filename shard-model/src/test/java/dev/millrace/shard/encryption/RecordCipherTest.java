/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.shard.StreamId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordCipherTest {

    private static final KeyName KEY = new KeyName("orders-key");
    private static final StreamId STREAM = StreamId.random(new Random(1));
    private static final byte[] DATA = "a secret record".getBytes(StandardCharsets.UTF_8);

    private final Map<KeyName, SecretKey> keys = new HashMap<>(Map.of(KEY, newKey(1)));
    private long now;
    private final RecordCipher cipher = cipher();

    @Test
    void decryptsWhatWasEncryptedAlsoElsewhere() {
        RecordCipher.Sealed sealed = cipher.encrypt(KEY, STREAM, DATA);

        assertThat(sealed.ciphertext()).hasSize(DATA.length + 16);
        assertThat(new String(sealed.ciphertext(), StandardCharsets.ISO_8859_1))
                .doesNotContain("secret");
        assertThat(cipher.decrypt(sealed.envelope(), STREAM, sealed.ciphertext())).isEqualTo(DATA);
        assertThat(cipher().decrypt(sealed.envelope(), STREAM, sealed.ciphertext()))
                .isEqualTo(DATA);
    }

    @Test
    void noNonceComesTwiceAndDataKeysChange() {
        Set<String> envelopes = new HashSet<>();
        Set<String> heads = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            byte[] envelope = cipher.encrypt(KEY, STREAM, DATA).envelope();
            envelopes.add(Base64.getEncoder().encodeToString(envelope));
            heads.add(
                    Base64.getEncoder()
                            .encodeToString(Arrays.copyOf(envelope, envelope.length - 12)));
            now += Duration.ofSeconds(1).toNanos();
        }
        assertThat(envelopes).hasSize(2_000);
        assertThat(heads).as("data keys of 2,000 s").hasSize(7);
    }

    @Test
    void whatIsChangedOrOfAnotherStreamIsRefused() {
        RecordCipher.Sealed sealed = cipher.encrypt(KEY, STREAM, DATA);
        byte[] changed = sealed.ciphertext().clone();
        changed[3] ^= 1;
        byte[] envelope = sealed.envelope().clone();
        envelope[envelope.length - 1] ^= 1;

        assertThatThrownBy(() -> cipher.decrypt(sealed.envelope(), STREAM, changed))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cipher.decrypt(envelope, STREAM, sealed.ciphertext()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        cipher.decrypt(
                                sealed.envelope(),
                                StreamId.random(new Random(2)),
                                sealed.ciphertext()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cipher.decrypt(new byte[] {1, 2, 3}, STREAM, DATA))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyThatIsGoneIsNamedAndMayComeBack() {
        RecordCipher.Sealed sealed = cipher.encrypt(KEY, STREAM, DATA);
        SecretKey lost = keys.remove(KEY);
        RecordCipher elsewhere = cipher();

        assertThatThrownBy(() -> elsewhere.encrypt(KEY, STREAM, DATA))
                .isInstanceOf(KeyNotFoundException.class)
                .hasMessageContaining("orders-key");
        assertThatThrownBy(() -> elsewhere.decrypt(sealed.envelope(), STREAM, sealed.ciphertext()))
                .isInstanceOf(KeyNotFoundException.class);
        keys.put(KEY, lost);
        assertThat(elsewhere.decrypt(sealed.envelope(), STREAM, sealed.ciphertext()))
                .isEqualTo(DATA);
    }

    @Test
    void namesKeysAsRequestsDo() {
        for (String id :
                new String[] {
                    "orders-key",
                    "alias/orders-key",
                    "arn:aws:kms:us-east-1:123456789012:alias/orders-key",
                    "arn:aws:kms:us-east-1:123456789012:key/orders-key"
                }) {
            assertThat(KeyName.ofKeyId(id)).as(id).isEqualTo(KEY);
        }
        assertThat(KeyName.ofKeyId("alias/aws/kinesis").value()).isEqualTo("aws.kinesis");
        assertThatThrownBy(() -> KeyName.ofKeyId("../../etc/passwd and more"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsKeysOutOfFiles(@TempDir Path directory) throws IOException {
        byte[] raw = newKey(7).getEncoded();
        Files.write(directory.resolve("raw"), raw);
        Files.writeString(
                directory.resolve("text"), Base64.getEncoder().encodeToString(raw) + "\n");
        Files.writeString(directory.resolve("short"), "abcd");
        EncryptionKeyDirectory read = new EncryptionKeyDirectory(directory);

        assertThat(read.find(new KeyName("raw")).orElseThrow().getEncoded()).isEqualTo(raw);
        assertThat(read.find(new KeyName("text")).orElseThrow().getEncoded()).isEqualTo(raw);
        assertThat(read.find(new KeyName("none"))).isEmpty();
        assertThatThrownBy(() -> read.find(new KeyName("short")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 bytes, not 32");
    }

    private RecordCipher cipher() {
        return new RecordCipher(
                name -> Optional.ofNullable(keys.get(name)), new SecureRandom(), () -> now);
    }

    private static SecretKey newKey(int seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        return new SecretKeySpec(bytes, "AES");
    }
}
