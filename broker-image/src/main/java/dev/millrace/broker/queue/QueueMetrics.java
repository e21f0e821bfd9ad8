/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.queue.QueueStanding;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * How queues stand and what goes through them, made when it is asked for. A queue is counted by
 * each gateway that something of it goes through; how a queue stands is told by the gateway that
 * keeps it, and by no other.
 */
public final class QueueMetrics implements MultiCollector {

    public static final String IN_FLIGHT = "kinesis_queue_records_in_flight";
    public static final String RETURNED = "kinesis_queue_records_returned";
    public static final String DEAD_LETTERS = "kinesis_queue_dead_letters";
    public static final String OLDEST = "kinesis_queue_oldest_unsettled_record_age_seconds";

    private final QueueTraffic traffic;
    private final QueueKeepers keepers;
    private final Supplier<ShardMap> map;
    private final InstantSource clock;

    public QueueMetrics(
            QueueTraffic traffic,
            QueueKeepers keepers,
            Supplier<ShardMap> map,
            InstantSource clock) {
        this.traffic = traffic;
        this.keepers = keepers;
        this.map = map;
        this.clock = clock;
    }

    @Override
    public MetricSnapshots collect() {
        ShardMap now = map.get();
        List<QueueDefinition> counted =
                now.queues().stream().filter(queue -> traffic.has(queue.id())).toList();
        List<MetricSnapshot> snapshots = new ArrayList<>();
        for (QueueMetric metric : QueueMetric.values()) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(metric.prometheusName()).help(metric.help());
            for (QueueDefinition queue : counted) {
                counter.dataPoint(
                        CounterDataPointSnapshot.builder()
                                .labels(labels(queue))
                                .value(traffic.value(queue.id(), metric))
                                .build());
            }
            snapshots.add(counter.build());
        }
        List<QueueStanding> standings = keepers.standings();
        snapshots.add(
                gauge(
                        IN_FLIGHT,
                        "Records that somebody works on",
                        standings,
                        QueueStanding::inFlight));
        snapshots.add(
                gauge(
                        RETURNED,
                        "Records that came back and wait for the next receiver",
                        standings,
                        QueueStanding::returned));
        snapshots.add(gauge(DEAD_LETTERS, "Dead letters", standings, QueueStanding::dead));
        snapshots.add(
                gauge(
                        OLDEST,
                        "Since when the stream has the oldest record that was received and is not settled",
                        standings,
                        this::ageSeconds));
        return new MetricSnapshots(snapshots);
    }

    private double ageSeconds(QueueStanding standing) {
        return standing.oldestArrival()
                .map(arrival -> Duration.between(arrival, clock.instant()).toMillis() / 1e3)
                .orElse(0.0);
    }

    private static MetricSnapshot gauge(
            String name,
            String help,
            List<QueueStanding> standings,
            ToDoubleFunction<QueueStanding> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        for (QueueStanding standing : standings) {
            gauge.dataPoint(
                    GaugeDataPointSnapshot.builder()
                            .labels(labels(standing.queue()))
                            .value(value.applyAsDouble(standing))
                            .build());
        }
        return gauge.build();
    }

    private static Labels labels(QueueDefinition queue) {
        return Labels.of("queue_name", queue.name().value(), "stream_name", queue.stream().value());
    }
}
