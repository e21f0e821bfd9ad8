/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.Condition;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.operator.control.PoolDescription.Broker;
import dev.millrace.operator.control.PoolDescription.Volume;
import dev.millrace.operator.resource.ByteQuantity;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What is said of the volumes of a pool's brokers. */
final class PoolVolumes {

    static final String DISK_PRESSURE = "DiskPressure";

    /** So far below the warning a volume has to be for the warning to end. */
    private static final int HYSTERESIS_PERCENT = 2;

    private static final int PERCENT = 100;

    private PoolVolumes() {}

    /** Why there is a warning. */
    record Pressure(PoolReason reason, String message) {}

    static List<BrokerPoolStatus.Volume> of(List<Broker> brokers) {
        return brokers.stream()
                .filter(broker -> broker.volume().isPresent())
                .map(broker -> {
                    Volume volume = broker.volume().get();
                    return new BrokerPoolStatus.Volume(
                            broker.nodeId(),
                            ByteQuantity.of(volume.totalBytes() - volume.freeBytes()),
                            ByteQuantity.of(volume.totalBytes()),
                            usedPercent(volume));
                })
                .toList();
    }

    /** How much of the fullest one is used. */
    static String fullest(List<BrokerPoolStatus.Volume> volumes) {
        return volumes.stream().mapToInt(BrokerPoolStatus.Volume::usedPercent).max().orElse(0)
                + "%";
    }

    static Optional<Pressure> pressure(List<Broker> brokers, int warnAtPercent, boolean warned) {
        int threshold = warned ? warnAtPercent - HYSTERESIS_PERCENT : warnAtPercent;
        return brokers.stream()
                .filter(broker -> broker.volume().isPresent())
                .max(
                        Comparator.comparing((Broker broker) -> broker.volume().get().full())
                                .thenComparing(broker -> usedPercent(broker.volume().get())))
                .flatMap(broker -> pressure(broker, broker.volume().orElseThrow(), threshold));
    }

    private static Optional<Pressure> pressure(Broker broker, Volume volume, int threshold) {
        String used =
                "The volume of broker %d is %d %% full (%s of %s)"
                        .formatted(
                                broker.nodeId(),
                                usedPercent(volume),
                                ByteQuantity.of(volume.totalBytes() - volume.freeBytes()),
                                ByteQuantity.of(volume.totalBytes()));
        String advice = "let volumes grow (spec.storage.size) or keep records for a shorter time";
        if (volume.full()) {
            return Optional.of(
                    new Pressure(
                            PoolReason.VolumesFull,
                            "%s: puts are refused until there is room; %s"
                                    .formatted(used, advice)));
        }
        return usedPercent(volume) >= threshold
                ? Optional.of(
                        new Pressure(PoolReason.VolumesFilling, "%s; %s".formatted(used, advice)))
                : Optional.empty();
    }

    static Optional<Condition> pressureOf(BrokerPool pool) {
        return PoolStatuses.conditionsOf(pool).stream()
                .filter(condition -> condition.type().equals(DISK_PRESSURE))
                .findFirst();
    }

    private static int usedPercent(Volume volume) {
        return volume.totalBytes() <= 0
                ? 0
                : (int)
                        (PERCENT
                                * (volume.totalBytes() - volume.freeBytes())
                                / volume.totalBytes());
    }
}
