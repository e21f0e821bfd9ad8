/** What a gateway may do at this moment: its lease, and its in-flight puts per shard. */
@NullMarked
package dev.millrace.shard.gate;

import org.jspecify.annotations.NullMarked;
