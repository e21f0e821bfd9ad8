/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import dev.millrace.shard.StreamName;

/** What users of the Kinesis API do to a pool's streams, behind the operator's back. */
public interface ApiSide {

    void createStream(StreamName name, int shardCount);

    void deleteStream(StreamName name);

    void updateShardCount(StreamName name, int shardCount);

    void setRetention(StreamName name, int hours);
}
