/** What a reshard is heading for, and the splits and merges that lead there. */
@NullMarked
package dev.millrace.shard.reshard;

import org.jspecify.annotations.NullMarked;
