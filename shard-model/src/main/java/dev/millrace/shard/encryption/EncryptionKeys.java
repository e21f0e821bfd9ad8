/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.encryption;

import java.util.Optional;
import javax.crypto.SecretKey;

/** The keys that wrap data keys: what KMS is elsewhere. Safe to use from any thread. */
@FunctionalInterface
public interface EncryptionKeys {

    /** No keys: nothing can be encrypted. */
    EncryptionKeys NONE = _ -> Optional.empty();

    Optional<SecretKey> find(KeyName name);
}
