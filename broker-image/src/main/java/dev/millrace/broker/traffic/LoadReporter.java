/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the shard map's writer every two seconds what on-demand streams took on this gateway. */
public final class LoadReporter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LoadReporter.class);
    private static final Duration EVERY = Duration.ofSeconds(2);

    /** A shard's load with its keys takes some 4 KiB; a message stays far below 1 MiB. */
    private static final int SHARDS_PER_MESSAGE = 100;

    private static final int PRUNE_EVERY = 30;

    private final Traffic traffic;
    private final ShardMapClient shardMap;
    private final ScheduledExecutorService timer;
    private long reports;

    public LoadReporter(Traffic traffic, ShardMapClient shardMap) {
        this.traffic = traffic;
        this.shardMap = shardMap;
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("load-reporter").daemon().factory());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // report() lets nothing through
    public void start() {
        timer.scheduleAtFixedRate(
                this::reportSafely, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void reportSafely() {
        try {
            report();
        } catch (RuntimeException e) {
            log.warn("The load of on-demand streams is not reported this time", e);
        }
    }

    private void report() {
        ShardMap map = shardMap.current();
        for (StreamView stream : map.onDemand()) {
            StreamTraffic counted = traffic.all().get(stream.state().id());
            if (counted != null) {
                send(stream, counted.report());
            }
        }
        if (++reports % PRUNE_EVERY == 0) {
            traffic.prune(map);
        }
    }

    private void send(StreamView stream, List<ShardLoad> loads) {
        for (int from = 0; from < loads.size(); from += SHARDS_PER_MESSAGE) {
            shardMap.report(
                    stream.state().id(),
                    loads.subList(from, Math.min(loads.size(), from + SHARDS_PER_MESSAGE)));
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
