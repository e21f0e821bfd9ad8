/**
 * The shard map of a pool: its state, the records of its log, and the one who decides what is
 * written next. Decide, then apply: nothing but {@link dev.millrace.shard.map.ShardMap#replay}
 * changes state.
 */
@NullMarked
package dev.millrace.shard.map;

import org.jspecify.annotations.NullMarked;
