/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.StartAt;
import dev.millrace.analytics.output.Output;
import dev.millrace.shard.encryption.EncryptionKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that an application is.
 *
 * @param id names it, whatever its version; its progress is kept by this
 * @param code its SQL
 * @param fallback the SQL that runs while {@code code} is wrong: the last that was right
 * @param history how far back queries look that do not say it
 * @param latency how long rows may wait for others to be run together
 * @param kafka how to reach the brokers
 * @param tables where the connector finds the descriptions of the inputs
 */
public record ApplicationPlan(
        String id,
        String version,
        String code,
        Optional<String> fallback,
        List<Input> inputs,
        List<Output> outputs,
        StartAt startAt,
        Optional<Duration> history,
        Duration latency,
        Map<String, Object> kafka,
        EncryptionKeys encryptionKeys,
        Path tables) {

    public ApplicationPlan {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        kafka = Map.copyOf(kafka);
    }

    /** The streams that take what they say instead of results. */
    List<Output.ToStream> outputsOf(Output.Content content) {
        return outputs.stream()
                .filter(Output.ToStream.class::isInstance)
                .map(Output.ToStream.class::cast)
                .filter(output -> output.content() == content)
                .toList();
    }
}
