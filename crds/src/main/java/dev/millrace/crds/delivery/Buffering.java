/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** When a buffer goes out: at its size or at its age, whichever comes first. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Buffering(
        @JsonPropertyDescription(
                        "The size before compression, in MiB: 1 to 128, by default 5, or 128 where records become Parquet or ORC.")
                @Min(1)
                @Max(128)
                @Nullable Integer sizeMiB,
        @JsonPropertyDescription("The age of the oldest record, in seconds: 0 to 900.")
                @Min(0)
                @Max(900)
                @Nullable Integer intervalSeconds) {}
