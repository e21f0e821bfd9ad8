/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import dev.millrace.broker.access.AccessKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Derived signing keys, kept because each takes four HMACs and serves a whole day. */
final class SigningKeys {

    private static final String HMAC = "HmacSHA256";
    private static final int KEPT_MAX = 1_000;

    private final ConcurrentHashMap<CacheKey, SecretKeySpec> keys = new ConcurrentHashMap<>();

    private record CacheKey(AccessKey key, CredentialScope scope) {}

    /** The hex signature of a text. */
    String sign(AccessKey key, CredentialScope scope, String text) {
        return HexFormat.of().formatHex(hmac(keyOf(key, scope), text));
    }

    private SecretKeySpec keyOf(AccessKey key, CredentialScope scope) {
        CacheKey cacheKey = new CacheKey(key, scope);
        SecretKeySpec kept = keys.get(cacheKey);
        if (kept != null) {
            return kept;
        }
        if (keys.size() >= KEPT_MAX) {
            keys.clear();
        }
        SecretKeySpec derived = derive(key, scope);
        keys.put(cacheKey, derived);
        return derived;
    }

    private static SecretKeySpec derive(AccessKey key, CredentialScope scope) {
        byte[] secret = ("AWS4" + key.secret()).getBytes(StandardCharsets.UTF_8);
        SecretKeySpec derived = new SecretKeySpec(secret, HMAC);
        for (String part :
                new String[] {
                    scope.date(), scope.region(), scope.service(), CredentialScope.TERMINATOR
                }) {
            derived = new SecretKeySpec(hmac(derived, part), HMAC);
        }
        return derived;
    }

    private static byte[] hmac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + HMAC, e);
        }
    }

    static String sha256Hex(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, length);
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    static String sha256Hex(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return sha256Hex(bytes, bytes.length);
    }
}
