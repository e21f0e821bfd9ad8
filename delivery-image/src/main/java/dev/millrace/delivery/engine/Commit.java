/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import java.util.List;

/**
 * What is to become true of a partition at once, or not at all.
 *
 * @param offset all records before it are delivered
 * @param puts descriptors to be written
 * @param gone descriptors to be removed
 */
public record Commit(int partition, long offset, List<BatchDescriptor> puts, List<BatchId> gone) {
    public Commit {
        puts = List.copyOf(puts);
        gone = List.copyOf(gone);
    }
}
