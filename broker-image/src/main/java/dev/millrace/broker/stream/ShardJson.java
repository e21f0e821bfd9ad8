/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import java.io.IOException;

/** Shards as the API shows them. */
public final class ShardJson {

    private ShardJson() {}

    public static void write(JsonGenerator out, Shard shard) throws IOException {
        out.writeStartObject();
        out.writeStringField("ShardId", shard.id().toString());
        if (!shard.parents().isEmpty()) {
            out.writeStringField("ParentShardId", shard.parents().getFirst().toString());
        }
        if (shard.parents().size() > 1) {
            out.writeStringField("AdjacentParentShardId", shard.parents().getLast().toString());
        }
        writeRange(out, shard.range());
        out.writeObjectFieldStart("SequenceNumberRange");
        out.writeStringField("StartingSequenceNumber", shard.startingSequenceNumber().toString());
        if (shard.phase() instanceof Shard.Closed closed) {
            out.writeStringField(
                    "EndingSequenceNumber",
                    new SequenceNumber(shard.id(), closed.endOffset()).toString());
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    /** A shard as GetRecords names those that follow a closed one. */
    public static void writeChild(JsonGenerator out, Shard shard) throws IOException {
        out.writeStartObject();
        out.writeStringField("ShardId", shard.id().toString());
        out.writeArrayFieldStart("ParentShards");
        for (var parent : shard.parents()) {
            out.writeString(parent.toString());
        }
        out.writeEndArray();
        writeRange(out, shard.range());
        out.writeEndObject();
    }

    private static void writeRange(JsonGenerator out, HashKeyRange range) throws IOException {
        out.writeObjectFieldStart("HashKeyRange");
        out.writeStringField("StartingHashKey", range.start().toString());
        out.writeStringField("EndingHashKey", range.end().toString());
        out.writeEndObject();
    }
}
