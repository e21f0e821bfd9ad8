/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.util.Optional;

/** Where the operator's access key of a pool comes from. */
public interface OperatorKeys {

    /** The key, or none as long as the pool has none. */
    Optional<Key> of(PoolRef pool);

    /** Says that the pool's gateway would not take the key: the next one is read anew. */
    void wasRejected(PoolRef pool);

    /** An access key. */
    record Key(String accessKeyId, String secretAccessKey) {

        @Override
        public String toString() {
            return "Key[" + accessKeyId + "]";
        }
    }
}
