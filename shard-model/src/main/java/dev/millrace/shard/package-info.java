/** Shards: hash keys and ranges, sequence numbers, and the shard map with its state machine. */
@NullMarked
package dev.millrace.shard;

import org.jspecify.annotations.NullMarked;
