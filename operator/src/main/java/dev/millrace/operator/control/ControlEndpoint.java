/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.net.URI;

/**
 * Where a pool's gateway listens, so that an operator outside of the cluster can be told another
 * place.
 *
 * @param format an address; its first {@code %s} is the pool's name, its second the namespace
 */
public record ControlEndpoint(String format) {

    public URI of(PoolRef pool) {
        return URI.create(format.formatted(pool.name(), pool.namespace()));
    }
}
