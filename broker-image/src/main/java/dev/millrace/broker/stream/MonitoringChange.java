/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.ShardLevelMetric;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What enabling and disabling metrics of single shards have in common. */
final class MonitoringChange {

    private static final String ALL = "ALL";
    private static final int METRICS_MAX = 7;

    private final Streams streams;
    private final boolean enables;

    MonitoringChange(Streams streams, boolean enables) {
        this.streams = streams;
        this.enables = enables;
    }

    Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<List<String>> names = input.strings("ShardLevelMetrics");
        violations.required("shardLevelMetrics", names);
        names.ifPresent(given -> check(given, violations));
        violations.check();
        StreamState stream = streams.find(reference).state();
        Set<ShardLevelMetric> metrics = metrics(names.orElseThrow());
        SettingChange change =
                enables
                        ? new SettingChange.Monitoring(metrics, Set.of())
                        : new SettingChange.Monitoring(Set.of(), metrics);
        streams.perform(new Command.ChangeSetting(stream.name(), change));
        Set<ShardLevelMetric> before = stream.settings().shardLevelMetrics();
        Set<ShardLevelMetric> after = change.applyTo(stream.settings()).shardLevelMetrics();
        return (out, _) -> {
            out.writeStringField("StreamName", stream.name().value());
            out.writeStringField("StreamARN", streams.arnOf(stream.name()));
            StreamJson.writeMetrics(out, "CurrentShardLevelMetrics", before);
            StreamJson.writeMetrics(out, "DesiredShardLevelMetrics", after);
        };
    }

    private static void check(List<String> names, Violations violations) {
        String shown = "'[" + String.join(", ", names) + "]'";
        violations.size(shown, "shardLevelMetrics", names.size(), 1, METRICS_MAX);
        boolean known =
                names.stream()
                        .allMatch(name ->
                                name.equals(ALL) || ShardLevelMetric.named(name).isPresent());
        if (!known) {
            String set =
                    Stream.concat(
                                    Stream.of(ShardLevelMetric.values())
                                            .map(ShardLevelMetric::kinesisName),
                                    Stream.of(ALL))
                            .collect(Collectors.joining(", "));
            violations.add(
                    shown,
                    "shardLevelMetrics",
                    "Member must satisfy constraint: [Member must satisfy enum value set: ["
                            + set
                            + "]]");
        }
    }

    private static Set<ShardLevelMetric> metrics(List<String> names) {
        if (names.contains(ALL)) {
            return EnumSet.allOf(ShardLevelMetric.class);
        }
        return names.stream()
                .flatMap(name -> ShardLevelMetric.named(name).stream())
                .collect(Collectors.toSet());
    }
}
