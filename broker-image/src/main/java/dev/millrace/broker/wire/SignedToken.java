/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Bytes that clients carry for the service and cannot change: base64 of them and their HMAC. */
public final class SignedToken {

    private static final String HMAC = "HmacSHA256";
    private static final int HMAC_BYTES = 32;

    private SignedToken() {}

    public static String encode(byte[] payload, byte[] key) {
        byte[] token = Arrays.copyOf(payload, payload.length + HMAC_BYTES);
        System.arraycopy(hmac(payload, key), 0, token, payload.length, HMAC_BYTES);
        return Base64.getEncoder().encodeToString(token);
    }

    /** The payload; none if the text was not made with this key. */
    public static Optional<byte[]> decode(String text, byte[] key) {
        byte[] token;
        try {
            token = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        int length = token.length - HMAC_BYTES;
        if (length < 0) {
            return Optional.empty();
        }
        byte[] payload = Arrays.copyOf(token, length);
        byte[] signature = Arrays.copyOfRange(token, length, token.length);
        return MessageDigest.isEqual(hmac(payload, key), signature)
                ? Optional.of(payload)
                : Optional.empty();
    }

    private static byte[] hmac(byte[] payload, byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(payload);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + HMAC, e);
        }
    }
}
