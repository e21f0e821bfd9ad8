/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.ShardLevelMetric;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The traffic of streams with CloudWatch's names, made when it is asked for: a stream without
 * traffic costs nothing. Shards are shown as far as enhanced monitoring is enabled.
 */
public final class StreamMetrics implements MultiCollector {

    static final String ITERATOR_AGE = "kinesis_getrecords_iterator_age_milliseconds";
    static final String MILLIS_BEHIND = "kinesis_subscribetoshardevent_millis_behind_latest";
    private static final String STREAM = "stream_name";

    private final Traffic traffic;
    private final Supplier<ShardMap> map;

    public StreamMetrics(Traffic traffic, Supplier<ShardMap> map) {
        this.traffic = traffic;
        this.map = map;
    }

    /** How a shard's metric is called. */
    static String shardMetricName(ShardLevelMetric metric) {
        return "kinesis_shard_"
                + metric.kinesisName()
                        .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                        .toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public MetricSnapshots collect() {
        List<StreamTraffic> streams = List.copyOf(traffic.all().values());
        List<MetricSnapshot> snapshots = new ArrayList<>();
        for (StreamMetric metric : StreamMetric.values()) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(metric.prometheusName()).help(metric.help());
            streams.forEach(
                    stream -> counter.dataPoint(counter(labels(stream), stream.value(metric))));
            snapshots.add(counter.build());
        }
        for (TimedOperation operation : TimedOperation.values()) {
            snapshots.add(latency(operation, streams));
        }
        snapshots.add(iteratorAge(streams));
        snapshots.add(millisBehind(streams));
        snapshots.addAll(ofShards());
        return new MetricSnapshots(snapshots);
    }

    private static MetricSnapshot latency(TimedOperation operation, List<StreamTraffic> streams) {
        SummarySnapshot.Builder summary =
                SummarySnapshot.builder()
                        .name(operation.prometheusName())
                        .help("How long these operations took");
        for (StreamTraffic stream : streams) {
            Latency latency = stream.latency(operation);
            summary.dataPoint(
                    SummaryDataPointSnapshot.builder()
                            .labels(labels(stream))
                            .count(latency.count())
                            .sum(latency.seconds())
                            .build());
        }
        return summary.build();
    }

    private static MetricSnapshot iteratorAge(List<StreamTraffic> streams) {
        GaugeSnapshot.Builder age =
                GaugeSnapshot.builder()
                        .name(ITERATOR_AGE)
                        .help(
                                "How old the last record of a GetRecords was, the most in a minute; 0 at the tip");
        streams.forEach(stream -> age.dataPoint(gauge(labels(stream), stream.iteratorAgeMillis())));
        return age.build();
    }

    private static MetricSnapshot millisBehind(List<StreamTraffic> streams) {
        GaugeSnapshot.Builder behind =
                GaugeSnapshot.builder()
                        .name(MILLIS_BEHIND)
                        .help("How far behind the tip a subscription was, the most in a minute");
        for (StreamTraffic stream : streams) {
            for (Map.Entry<ConsumerName, Long> consumer :
                    stream.millisBehindByConsumer().entrySet()) {
                behind.dataPoint(
                        gauge(
                                labels(stream).add("consumer_name", consumer.getKey().value()),
                                consumer.getValue()));
            }
        }
        return behind.build();
    }

    private List<MetricSnapshot> ofShards() {
        Map<ShardLevelMetric, List<ShardValue>> values = new EnumMap<>(ShardLevelMetric.class);
        Map<StreamId, StreamView> views = new HashMap<>();
        map.get().streams().forEach(stream -> views.put(stream.state().id(), stream));
        traffic.all()
                .forEach((id, stream) -> {
                    StreamView view = views.get(id);
                    if (view != null) {
                        for (ShardLevelMetric metric :
                                view.state().settings().shardLevelMetrics()) {
                            stream.shards()
                                    .forEach((shard, counted) ->
                                            values.computeIfAbsent(metric, _ -> new ArrayList<>())
                                                    .add(
                                                            new ShardValue(
                                                                    stream,
                                                                    shard,
                                                                    counted.value(
                                                                            metric,
                                                                            traffic.nanoTime()))));
                        }
                    }
                });
        List<MetricSnapshot> snapshots = new ArrayList<>();
        values.forEach((metric, points) -> snapshots.add(ofShards(metric, points)));
        return snapshots;
    }

    private record ShardValue(StreamTraffic stream, ShardId shard, long value) {
        Labels labels() {
            return StreamMetrics.labels(stream).add("shard_id", shard.toString());
        }
    }

    private static MetricSnapshot ofShards(ShardLevelMetric metric, List<ShardValue> points) {
        String name = shardMetricName(metric);
        String help = "Of each shard: " + metric.kinesisName();
        if (metric == ShardLevelMetric.ITERATOR_AGE_MILLISECONDS) {
            GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
            points.forEach(point -> gauge.dataPoint(gauge(point.labels(), point.value())));
            return gauge.build();
        }
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        points.forEach(point -> counter.dataPoint(counter(point.labels(), point.value())));
        return counter.build();
    }

    private static Labels labels(StreamTraffic stream) {
        return Labels.of(STREAM, stream.name().value());
    }

    private static CounterDataPointSnapshot counter(Labels labels, long value) {
        return CounterDataPointSnapshot.builder().labels(labels).value(value).build();
    }

    private static GaugeDataPointSnapshot gauge(Labels labels, long value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
