/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.ChannelId;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * All streams, shards and gateways of a pool as of one place of the log. Immutable: {@link #replay}
 * gives a new map that shares what did not change, so readers on any thread see whole decisions or
 * nothing.
 */
public final class ShardMap {

    private static final ShardMap EMPTY =
            new ShardMap(
                    TreePMap.empty(),
                    HashTreePMap.empty(),
                    Index.EMPTY,
                    TreePMap.empty(),
                    HashTreePMap.empty(),
                    HashTreePMap.empty(),
                    HashTreePMap.empty(),
                    Optional.empty());

    private final TreePMap<StreamName, StreamView> streams;

    /**
     * The shards by stream, also of a stream whose own record has not been replayed yet: after
     * compaction the records of a stream and of its shards can come in any order.
     */
    private final HashPMap<StreamName, TreePMap<ShardId, Shard>> shards;

    private final Index index;
    private final TreePMap<GatewayId, ShardMapRecord.GatewayPut> gateways;
    private final HashPMap<StreamId, DeletedStream> deleted;
    private final HashPMap<QueueId, QueueDefinition> queues;
    private final HashPMap<ChannelId, ChannelDefinition> channels;
    private final Optional<String> iteratorKey;

    private ShardMap(
            TreePMap<StreamName, StreamView> streams,
            HashPMap<StreamName, TreePMap<ShardId, Shard>> shards,
            Index index,
            TreePMap<GatewayId, ShardMapRecord.GatewayPut> gateways,
            HashPMap<StreamId, DeletedStream> deleted,
            HashPMap<QueueId, QueueDefinition> queues,
            HashPMap<ChannelId, ChannelDefinition> channels,
            Optional<String> iteratorKey) {
        this.streams = streams;
        this.shards = shards;
        this.index = index;
        this.gateways = gateways;
        this.deleted = deleted;
        this.queues = queues;
        this.channels = channels;
        this.iteratorKey = iteratorKey;
    }

    public static ShardMap empty() {
        return EMPTY;
    }

    public Optional<StreamView> stream(StreamName name) {
        return Optional.ofNullable(streams.get(name));
    }

    /** The stream of that id. */
    public Optional<StreamView> stream(StreamId id) {
        return Optional.ofNullable(index.names().get(id)).flatMap(this::stream);
    }

    /** The streams that a reshard is under way of, in the order of their names. */
    public List<StreamView> resharding() {
        return views(index.resharding());
    }

    /** The on-demand streams, in the order of their names. */
    public List<StreamView> onDemand() {
        return views(index.onDemand());
    }

    private List<StreamView> views(Collection<StreamName> names) {
        return names.stream().map(name -> stream(name).orElseThrow()).toList();
    }

    /** All streams in the order of their names. */
    public Collection<StreamView> streams() {
        return streams.values();
    }

    /** The streams whose names come after the given one, in order. */
    public Collection<StreamView> streamsAfter(StreamName name) {
        return streams.tailMap(name, false).values();
    }

    public int streamCount() {
        return streams.size();
    }

    /** Whether nothing about streams and shards differs, told without a look at each of them. */
    public boolean hasSameStreamsAs(ShardMap other) {
        return streams == other.streams;
    }

    /** The streams that were deleted in the last day. */
    public Collection<DeletedStream> deletedStreams() {
        return deleted.values();
    }

    public Set<GatewayId> gateways() {
        return gateways.keySet();
    }

    public Optional<ShardMapRecord.GatewayPut> gateway(GatewayId id) {
        return Optional.ofNullable(gateways.get(id));
    }

    public Optional<QueueDefinition> queue(QueueId id) {
        return Optional.ofNullable(queues.get(id));
    }

    /** All queues, in no order. */
    public Collection<QueueDefinition> queues() {
        return queues.values();
    }

    /** The queues that deliver a stream. */
    public List<QueueDefinition> queuesOf(StreamName stream) {
        return queues.values().stream().filter(queue -> queue.stream().equals(stream)).toList();
    }

    public Optional<ChannelDefinition> channel(ChannelId id) {
        return Optional.ofNullable(channels.get(id));
    }

    /** All channels, in no order. */
    public Collection<ChannelDefinition> channels() {
        return channels.values();
    }

    /** The channels that deliver a stream. */
    public List<ChannelDefinition> channelsOf(StreamName stream) {
        return channels.values().stream()
                .filter(channel -> channel.stream().equals(stream))
                .toList();
    }

    /** The key that signs shard iterators, base64. */
    public Optional<String> iteratorKey() {
        return iteratorKey;
    }

    /** The map after some records. Give the records of one decision at once. */
    public ShardMap replay(List<ShardMapRecord> records) {
        Replay replay = new Replay();
        records.forEach(replay::apply);
        return replay.result();
    }

    /** What is asked of all streams many times a second, kept so that nobody looks at each. */
    private record Index(
            HashPMap<StreamId, StreamName> names,
            TreePSet<StreamName> resharding,
            TreePSet<StreamName> onDemand) {

        static final Index EMPTY =
                new Index(HashTreePMap.empty(), TreePSet.empty(), TreePSet.empty());

        Index with(StreamName name, Optional<StreamState> before, Optional<StreamState> after) {
            HashPMap<StreamId, StreamName> nextNames = names;
            if (before.isPresent()
                    && !before.map(StreamState::id).equals(after.map(StreamState::id))) {
                nextNames = nextNames.minus(before.get().id());
            }
            if (after.isPresent() && !name.equals(nextNames.get(after.get().id()))) {
                nextNames = nextNames.plus(after.get().id(), name);
            }
            return new Index(
                    nextNames,
                    with(resharding, name, after.flatMap(StreamState::reshard).isPresent()),
                    with(
                            onDemand,
                            name,
                            after.filter(s -> s.settings().mode() == StreamMode.ON_DEMAND)
                                    .isPresent()));
        }

        private static TreePSet<StreamName> with(
                TreePSet<StreamName> set, StreamName name, boolean member) {
            if (set.contains(name) == member) {
                return set;
            }
            return member ? set.plus(name) : set.minus(name);
        }
    }

    private final class Replay {
        private final Map<StreamName, Optional<StreamState>> states = new HashMap<>();
        private final Set<StreamName> touched = new HashSet<>();
        private final Map<StreamName, NavigableMap<ShardId, Optional<Shard>>> shardChanges =
                new HashMap<>();
        private TreePMap<GatewayId, ShardMapRecord.GatewayPut> nextGateways = gateways;
        private HashPMap<StreamId, DeletedStream> nextDeleted = deleted;
        private HashPMap<QueueId, QueueDefinition> nextQueues = queues;
        private HashPMap<ChannelId, ChannelDefinition> nextChannels = channels;
        private Optional<String> nextIteratorKey = iteratorKey;

        void apply(ShardMapRecord record) {
            switch (record) {
                case ShardMapRecord.StreamPut(var state) -> {
                    states.put(state.name(), Optional.of(state));
                    touched.add(state.name());
                }
                case ShardMapRecord.StreamGone(var stream) -> {
                    states.put(stream, Optional.empty());
                    touched.add(stream);
                }
                case ShardMapRecord.ShardPut(var stream, var shard) ->
                        change(stream, shard.id(), Optional.of(shard));
                case ShardMapRecord.ShardGone(var stream, var shard) ->
                        change(stream, shard, Optional.empty());
                case ShardMapRecord.GatewayPut put ->
                        nextGateways = nextGateways.plus(put.gateway(), put);
                case ShardMapRecord.GatewayGone(var gateway) ->
                        nextGateways = nextGateways.minus(gateway);
                case ShardMapRecord.DeletedStreamPut(var stream) ->
                        nextDeleted = nextDeleted.plus(stream.id(), stream);
                case ShardMapRecord.DeletedStreamGone(var id) ->
                        nextDeleted = nextDeleted.minus(id);
                case ShardMapRecord.QueuePut(var queue) ->
                        nextQueues = nextQueues.plus(queue.id(), queue);
                case ShardMapRecord.QueueGone(var id) -> nextQueues = nextQueues.minus(id);
                case ShardMapRecord.ChannelPut(var channel) ->
                        nextChannels = nextChannels.plus(channel.id(), channel);
                case ShardMapRecord.ChannelGone(var id) -> nextChannels = nextChannels.minus(id);
                case ShardMapRecord.IteratorKeyPut(var base64) ->
                        nextIteratorKey = Optional.of(base64);
                case ShardMapRecord.Reply _ -> {
                    // A reply is for the gateway that waits for it; it changes no state.
                }
            }
        }

        private void change(StreamName stream, ShardId id, Optional<Shard> shard) {
            shardChanges.computeIfAbsent(stream, _ -> new TreeMap<>()).put(id, shard);
            touched.add(stream);
        }

        ShardMap result() {
            HashPMap<StreamName, TreePMap<ShardId, Shard>> nextShards = shards;
            TreePMap<StreamName, StreamView> nextStreams = streams;
            Index nextIndex = index;
            for (StreamName name : touched) {
                TreePMap<ShardId, Shard> ofStream = shardsAfterChanges(name);
                nextShards =
                        ofStream.isEmpty()
                                ? nextShards.minus(name)
                                : nextShards.plus(name, ofStream);
                Optional<StreamState> state =
                        states.getOrDefault(name, stream(name).map(StreamView::state));
                nextStreams =
                        state.isEmpty()
                                ? nextStreams.minus(name)
                                : nextStreams.plus(name, new StreamView(state.get(), ofStream));
                nextIndex = nextIndex.with(name, stream(name).map(StreamView::state), state);
            }
            return new ShardMap(
                    nextStreams,
                    nextShards,
                    nextIndex,
                    nextGateways,
                    nextDeleted,
                    nextQueues,
                    nextChannels,
                    nextIteratorKey);
        }

        private TreePMap<ShardId, Shard> shardsAfterChanges(StreamName name) {
            TreePMap<ShardId, Shard> ofStream = shards.getOrDefault(name, TreePMap.empty());
            for (Map.Entry<ShardId, Optional<Shard>> change :
                    shardChanges.getOrDefault(name, new TreeMap<>()).entrySet()) {
                ofStream =
                        change.getValue().isPresent()
                                ? ofStream.plus(change.getKey(), change.getValue().get())
                                : ofStream.minus(change.getKey());
            }
            return ofStream;
        }
    }
}
