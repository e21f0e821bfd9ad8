/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.shard.StreamName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of the resource of a stream that was made through the Kinesis API. Kinesis allows names
 * that Kubernetes does not; such a name is made safe and gets a short hash of the original, so that
 * {@code Orders} and {@code orders} have two resources.
 */
public final class StreamResourceName {

    /** DNS-1123 subdomain, as the API server checks it. */
    private static final Pattern SAFE =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    /** Names go into labels, which end there. */
    private static final int LENGTH_MAX = 63;

    private static final int HASH_BYTES = 4;

    private StreamResourceName() {}

    public static String of(StreamName stream) {
        String name = stream.value();
        if (name.length() <= LENGTH_MAX && SAFE.matcher(name).matches()) {
            return name;
        }
        return distinct(stream, name);
    }

    /** A safe name with the hash of what makes it differ from others. */
    static String distinct(StreamName stream, String from) {
        String hash = hash(from);
        String safe =
                stream.value()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-+|-+$", "");
        String head = safe.substring(0, Math.min(safe.length(), LENGTH_MAX - hash.length() - 1));
        return head.isEmpty() ? "stream-" + hash : head.replaceAll("-+$", "") + "-" + hash;
    }

    private static String hash(String name) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
