/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.encryption;

/** A record needs a key that is not there. It may come back, and the record can be read then. */
public final class KeyNotFoundException extends RuntimeException {

    private final KeyName key;

    KeyNotFoundException(KeyName key) {
        super("Encryption key " + key + " is not there");
        this.key = key;
    }

    public KeyName key() {
        return key;
    }
}
