/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.ShardMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The shard map as a gateway sees it. Safe to use from any thread. */
public interface ShardMapClient {

    /** The map as of now, as far as this gateway has followed the log. */
    ShardMap current();

    /** This gateway's membership, if it holds its lease at this moment. */
    Optional<GatewayId> membership();

    /** Has the map's writer decide a command; the map shows what it led to once this completes. */
    CompletableFuture<CommandResult> submit(Command command);

    /** Tells the map's writer what an on-demand stream took; nobody waits for it. */
    void report(StreamId stream, List<ShardLoad> loads);

    /** The key that signs what clients carry for the service, the same on all gateways. */
    byte[] iteratorKey();
}
