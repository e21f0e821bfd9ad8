/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.PoolRef;
import dev.millrace.shard.StreamName;

/**
 * Which resource, and which stream of which pool it claims.
 *
 * @param resource the name of the resource
 * @param uid what the gateway knows the resource as
 */
record StreamIdentity(PoolRef pool, String resource, String uid, StreamName stream) {

    String namespace() {
        return pool.namespace();
    }
}
