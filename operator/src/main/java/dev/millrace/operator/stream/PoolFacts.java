/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import java.util.Optional;

/**
 * What a Stream's status says of its pool.
 *
 * @param selector the labels of the pool's broker pods, as an HPA reads them
 */
record PoolFacts(
        boolean ready,
        String message,
        Optional<String> endpoint,
        Optional<String> bootstrapServers,
        String selector) {}
