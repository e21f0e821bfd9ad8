/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Which keys a producer puts. A key has the same place for ever. */
@FunctionalInterface
public interface Keys {

    /**
     * The key of a producer's next record.
     *
     * @param turn counts the producer's records
     */
    Key next(String producer, int turn);

    /**
     * A key.
     *
     * @param explicitHash its place, where that is not its MD5
     */
    record Key(String name, Optional<BigInteger> explicitHash) {
        BigInteger hash() {
            return explicitHash.orElseGet(() -> md5(name));
        }
    }

    /** So many keys a producer, anywhere. */
    static Keys spread(int keys) {
        return (producer, turn) -> new Key(producer + "-" + turn % keys, Optional.empty());
    }

    /** All in one of so many equal windows of the hash keys; which one is asked for each record. */
    static Keys inWindow(int windows, IntSupplier window) {
        BigInteger width = BigInteger.ONE.shiftLeft(128).divide(BigInteger.valueOf(windows));
        int keys = 16;
        return (producer, turn) -> {
            int now = window.getAsInt() % windows;
            int key = turn % keys;
            BigInteger within =
                    width.multiply(BigInteger.valueOf(key)).divide(BigInteger.valueOf(keys));
            return new Key(
                    "%s-w%d-%d".formatted(producer, now, key),
                    Optional.of(width.multiply(BigInteger.valueOf(now)).add(within)));
        };
    }

    private static BigInteger md5(String key) {
        try {
            return new BigInteger(
                    1,
                    MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
