/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import dev.millrace.shard.StreamName;
import java.util.Optional;

/**
 * A stream that results go into.
 *
 * @param name what the SQL calls it
 * @param stream the stream; of a delivery stream the one that holds what is put
 * @param partitionKeyColumn the column whose value is the partition key; without one the results
 *     are spread over the shards
 * @param takesLateRows whether late rows of the inputs go here, not results
 */
public record Output(
        String name,
        StreamName stream,
        RowEncoder.Format format,
        Optional<String> partitionKeyColumn,
        boolean takesLateRows) {}
