/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BufferKey;

/** When buffers go out: those for the destination, and those for the backup. */
public record Buffering(BufferingHints data, BufferingHints backup) {

    BufferingHints of(BufferKey key) {
        return switch (key) {
            case BufferKey.Data _, BufferKey.Failed _ -> data;
            case BufferKey.Backup _ -> backup;
        };
    }

    /** The same, unless a size is above the given one. */
    public Buffering atMost(long bytes) {
        return new Buffering(data.atMost(bytes), backup.atMost(bytes));
    }
}
