/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.encryption;

import dev.millrace.shard.StreamId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts records as KMS's clients do: with AES-256-GCM under a data key, which is drawn anew
 * every five minutes and goes with each record, wrapped by the key that the stream names. A record
 * is bound to its stream: elsewhere it cannot be decrypted. Safe to use from any thread.
 *
 * <pre>
 * envelope: version 1 | length of the key's name | name | nonce 12, wrapped data key 48 | nonce 12
 * </pre>
 *
 * @see <a href="https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf">NIST
 *     SP 800-38D (GCM)</a>
 */
public final class RecordCipher {

    /** The Kafka header of a record that holds its envelope; one without it is not encrypted. */
    public static final String HEADER = "millrace-key";

    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int DATA_KEY_BYTES = 32;
    private static final int WRAPPED_BYTES = NONCE_BYTES + DATA_KEY_BYTES + TAG_BITS / 8;
    private static final long DATA_KEY_NANOS = Duration.ofMinutes(5).toNanos();
    private static final int UNWRAPPED_MAX = 1_000;

    private final EncryptionKeys keys;
    private final SecureRandom random;
    private final LongSupplier nanoTime;
    private final Map<KeyName, DataKey> current = new ConcurrentHashMap<>();

    /** Data keys by their wrapped form: readers meet the same one again and again. */
    private final Map<ByteBuffer, SecretKey> unwrapped = new ConcurrentHashMap<>();

    /** An encrypted record. */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; a copy would cost the hot path.
    public record Sealed(byte[] envelope, byte[] ciphertext) {}

    /** One data key. Its nonces count up, so that none comes twice. */
    private static final class DataKey {
        private final SecretKey key;
        private final byte[] head;
        private final long drawnAtNanos;
        private final int noncePrefix;
        private final AtomicLong used = new AtomicLong();

        DataKey(SecretKey key, byte[] head, long drawnAtNanos, int noncePrefix) {
            this.key = key;
            this.head = head;
            this.drawnAtNanos = drawnAtNanos;
            this.noncePrefix = noncePrefix;
        }

        byte[] nextNonce() {
            return ByteBuffer.allocate(NONCE_BYTES)
                    .putInt(noncePrefix)
                    .putLong(used.getAndIncrement())
                    .array();
        }
    }

    /**
     * @param nanoTime {@code System::nanoTime}
     */
    public RecordCipher(EncryptionKeys keys, SecureRandom random, LongSupplier nanoTime) {
        this.keys = keys;
        this.random = random;
        this.nanoTime = nanoTime;
    }

    public boolean has(KeyName key) {
        return keys.find(key).isPresent();
    }

    /**
     * @throws KeyNotFoundException if there is no such key
     */
    public Sealed encrypt(KeyName name, StreamId stream, byte[] data) {
        DataKey dataKey = dataKey(name);
        byte[] nonce = dataKey.nextNonce();
        byte[] ciphertext =
                gcm(
                        Cipher.ENCRYPT_MODE,
                        dataKey.key,
                        nonce,
                        bound(stream, dataKey.head),
                        data,
                        0,
                        data.length);
        byte[] envelope = Arrays.copyOf(dataKey.head, dataKey.head.length + NONCE_BYTES);
        System.arraycopy(nonce, 0, envelope, dataKey.head.length, NONCE_BYTES);
        return new Sealed(envelope, ciphertext);
    }

    /**
     * @throws KeyNotFoundException if the key that wraps the data key is not there
     * @throws IllegalArgumentException if the record is not what was encrypted, or of another
     *     stream
     */
    public byte[] decrypt(byte[] envelope, StreamId stream, byte[] ciphertext) {
        int headLength = envelope.length - NONCE_BYTES;
        if (envelope.length < 2 || envelope[0] != VERSION || headLength < 2 + WRAPPED_BYTES) {
            throw new IllegalArgumentException("Not an envelope of this version");
        }
        byte[] head = Arrays.copyOf(envelope, headLength);
        byte[] nonce = Arrays.copyOfRange(envelope, headLength, envelope.length);
        return gcm(
                Cipher.DECRYPT_MODE,
                unwrap(head),
                nonce,
                bound(stream, head),
                ciphertext,
                0,
                ciphertext.length);
    }

    private DataKey dataKey(KeyName name) {
        DataKey known = current.get(name);
        long now = nanoTime.getAsLong();
        if (known != null && now - known.drawnAtNanos < DATA_KEY_NANOS) {
            return known;
        }
        DataKey drawn = draw(name, now);
        current.put(name, drawn);
        return drawn;
    }

    private DataKey draw(KeyName name, long now) {
        SecretKey wrapping = keys.find(name).orElseThrow(() -> new KeyNotFoundException(name));
        byte[] dataKey = new byte[DATA_KEY_BYTES];
        random.nextBytes(dataKey);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] nameBytes = name.value().getBytes(StandardCharsets.US_ASCII);
        byte[] wrapped =
                gcm(Cipher.ENCRYPT_MODE, wrapping, nonce, nameBytes, dataKey, 0, DATA_KEY_BYTES);
        byte[] head =
                ByteBuffer.allocate(2 + nameBytes.length + WRAPPED_BYTES)
                        .put(VERSION)
                        .put((byte) nameBytes.length)
                        .put(nameBytes)
                        .put(nonce)
                        .put(wrapped)
                        .array();
        return new DataKey(new SecretKeySpec(dataKey, "AES"), head, now, random.nextInt());
    }

    private SecretKey unwrap(byte[] head) {
        SecretKey known = unwrapped.get(ByteBuffer.wrap(head));
        if (known != null) {
            return known;
        }
        int nameLength = head[1] & 0xFF;
        if (head.length != 2 + nameLength + WRAPPED_BYTES) {
            throw new IllegalArgumentException("Not an envelope of this version");
        }
        KeyName name = new KeyName(new String(head, 2, nameLength, StandardCharsets.US_ASCII));
        SecretKey wrapping = keys.find(name).orElseThrow(() -> new KeyNotFoundException(name));
        int at = 2 + nameLength;
        byte[] dataKey =
                gcm(
                        Cipher.DECRYPT_MODE,
                        wrapping,
                        Arrays.copyOfRange(head, at, at + NONCE_BYTES),
                        name.value().getBytes(StandardCharsets.US_ASCII),
                        head,
                        at + NONCE_BYTES,
                        WRAPPED_BYTES - NONCE_BYTES);
        SecretKey key = new SecretKeySpec(dataKey, "AES");
        if (unwrapped.size() >= UNWRAPPED_MAX) {
            unwrapped.clear();
        }
        unwrapped.put(ByteBuffer.wrap(head), key);
        return key;
    }

    private static byte[] bound(StreamId stream, byte[] head) {
        byte[] id = stream.value().getBytes(StandardCharsets.US_ASCII);
        byte[] bound = Arrays.copyOf(id, id.length + head.length);
        System.arraycopy(head, 0, bound, id.length, head.length);
        return bound;
    }

    private static byte[] gcm(
            int mode,
            SecretKey key,
            byte[] nonce,
            byte[] bound,
            byte[] data,
            int from,
            int length) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(bound);
            return cipher.doFinal(data, from, length);
        } catch (javax.crypto.AEADBadTagException e) {
            throw new IllegalArgumentException(
                    "The record is not what was encrypted for this stream with this key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has AES in GCM", e);
        }
    }
}
