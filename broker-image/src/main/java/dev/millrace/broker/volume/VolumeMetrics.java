/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.ToLongFunction;

/** The volumes of all brokers; each gateway of a pool tells of all. */
public final class VolumeMetrics implements MultiCollector {

    public static final String CAPACITY = "millrace_volume_capacity_bytes";
    public static final String FREE = "millrace_volume_free_bytes";

    private final VolumeWatch watch;

    public VolumeMetrics(VolumeWatch watch) {
        this.watch = watch;
    }

    @Override
    public MetricSnapshots collect() {
        return MetricSnapshots.of(
                gauge(CAPACITY, "The size of a broker's volume", Volume::totalBytes),
                gauge(FREE, "What a broker may still write to its volume", Volume::freeBytes));
    }

    private GaugeSnapshot gauge(String name, String help, ToLongFunction<Volume> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        watch.volumes()
                .forEach(volume ->
                        gauge.dataPoint(
                                GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                        .labels(
                                                Labels.of(
                                                        "broker",
                                                        Integer.toString(volume.broker())))
                                        .value(value.applyAsLong(volume))
                                        .build()));
        return gauge.build();
    }
}
