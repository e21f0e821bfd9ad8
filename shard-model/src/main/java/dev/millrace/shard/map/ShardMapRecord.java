/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.ChannelId;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;

/**
 * One record of the shard map's log. The log is compacted, so a record holds the whole new value of
 * the thing that its key names, or says that the thing is gone.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "record")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ShardMapRecord.StreamPut.class, name = "stream"),
    @JsonSubTypes.Type(value = ShardMapRecord.StreamGone.class, name = "stream-gone"),
    @JsonSubTypes.Type(value = ShardMapRecord.ShardPut.class, name = "shard"),
    @JsonSubTypes.Type(value = ShardMapRecord.ShardGone.class, name = "shard-gone"),
    @JsonSubTypes.Type(value = ShardMapRecord.GatewayPut.class, name = "gateway"),
    @JsonSubTypes.Type(value = ShardMapRecord.GatewayGone.class, name = "gateway-gone"),
    @JsonSubTypes.Type(value = ShardMapRecord.DeletedStreamPut.class, name = "deleted-stream"),
    @JsonSubTypes.Type(
            value = ShardMapRecord.DeletedStreamGone.class,
            name = "deleted-stream-gone"),
    @JsonSubTypes.Type(value = ShardMapRecord.QueuePut.class, name = "queue"),
    @JsonSubTypes.Type(value = ShardMapRecord.QueueGone.class, name = "queue-gone"),
    @JsonSubTypes.Type(value = ShardMapRecord.ChannelPut.class, name = "channel"),
    @JsonSubTypes.Type(value = ShardMapRecord.ChannelGone.class, name = "channel-gone"),
    @JsonSubTypes.Type(value = ShardMapRecord.Reply.class, name = "reply"),
    @JsonSubTypes.Type(value = ShardMapRecord.IteratorKeyPut.class, name = "iterator-key")
})
public sealed interface ShardMapRecord {

    /** What the record is about: compaction keeps the last record of each key. */
    String key();

    /** Whether the thing is gone, so that compaction may forget it too. */
    default boolean isTombstone() {
        return false;
    }

    record StreamPut(StreamState state) implements ShardMapRecord {
        @Override
        public String key() {
            return "stream/" + state.name();
        }
    }

    record StreamGone(StreamName stream) implements ShardMapRecord {
        @Override
        public String key() {
            return "stream/" + stream;
        }

        @Override
        public boolean isTombstone() {
            return true;
        }
    }

    record ShardPut(StreamName stream, Shard shard) implements ShardMapRecord {
        @Override
        public String key() {
            return "shard/" + stream + "/" + shard.id().index();
        }
    }

    record ShardGone(StreamName stream, ShardId shard) implements ShardMapRecord {
        @Override
        public String key() {
            return "shard/" + stream + "/" + shard.index();
        }

        @Override
        public boolean isTombstone() {
            return true;
        }
    }

    /**
     * A gateway is a member, and its lease counts from the heartbeat of that number.
     *
     * @param heartbeat the last heartbeat that the writer had from it
     * @param joinedAt when it became a member
     */
    record GatewayPut(GatewayId gateway, long heartbeat, Instant joinedAt)
            implements ShardMapRecord {
        @Override
        public String key() {
            return "gateway/" + gateway;
        }
    }

    /** A gateway left or was expelled: it must not acknowledge a put from now on. */
    record GatewayGone(GatewayId gateway) implements ShardMapRecord {
        @Override
        public String key() {
            return "gateway/" + gateway;
        }

        @Override
        public boolean isTombstone() {
            return true;
        }
    }

    record DeletedStreamPut(DeletedStream stream) implements ShardMapRecord {
        @Override
        public String key() {
            return "deleted/" + stream.id();
        }
    }

    record DeletedStreamGone(StreamId id) implements ShardMapRecord {
        @Override
        public String key() {
            return "deleted/" + id;
        }

        @Override
        public boolean isTombstone() {
            return true;
        }
    }

    record QueuePut(QueueDefinition queue) implements ShardMapRecord {
        @Override
        public String key() {
            return "queue/" + queue.id();
        }
    }

    record QueueGone(QueueId queue) implements ShardMapRecord {
        @Override
        public String key() {
            return "queue/" + queue;
        }

        @Override
        public boolean isTombstone() {
            return true;
        }
    }

    record ChannelPut(ChannelDefinition channel) implements ShardMapRecord {
        @Override
        public String key() {
            return "channel/" + channel.id();
        }
    }

    record ChannelGone(ChannelId channel) implements ShardMapRecord {
        @Override
        public String key() {
            return "channel/" + channel;
        }

        @Override
        public boolean isTombstone() {
            return true;
        }
    }

    /** What became of a command: it stands behind the records that the command led to. */
    record Reply(GatewayId gateway, String commandId, CommandResult result)
            implements ShardMapRecord {
        @Override
        public String key() {
            return "reply/" + gateway;
        }
    }

    /** The key that signs shard iterators, base64, the same for all gateways. */
    record IteratorKeyPut(String base64) implements ShardMapRecord {
        @Override
        public String key() {
            return "iterator-key";
        }

        /** A signing key is not for logs. */
        @Override
        public String toString() {
            return "IteratorKeyPut[...]";
        }
    }
}
