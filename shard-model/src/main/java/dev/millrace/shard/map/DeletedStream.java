/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.Optional;

/**
 * The trace of a stream that was deleted: kept for a day as evidence that it was, and is not just
 * missing.
 */
public record DeletedStream(
        StreamName name, StreamId id, Optional<String> ownerUid, Instant deletedAt) {}
