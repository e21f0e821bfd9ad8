/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

/** A BrokerPool, by where it is. */
public record PoolRef(String namespace, String name) {

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
