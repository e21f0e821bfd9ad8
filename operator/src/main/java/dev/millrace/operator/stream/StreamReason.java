/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Why a condition of a Stream is as it is, and what its Events are called. */
enum StreamReason {
    // The stream's own state.
    ACTIVE,
    CREATING,
    RESHARDING,
    DELETING,
    NOT_RESHARDING,

    // What it waits for.
    POOL_READY,
    POOL_NOT_READY,
    STREAM_MISSING,
    GATEWAY_UNREACHABLE,
    GATEWAY_BUSY,
    PAUSED,

    // What only a user can put right.
    INVALID_ARGUMENT,
    LIMIT_EXCEEDED,
    STREAM_NAME_TAKEN,

    // Events.
    CREATED,
    RESHARDED,
    MODE_CHANGED_THROUGH_API,
    SHARD_COUNT_CHANGED_THROUGH_API,
    RETENTION_CHANGED_THROUGH_API,
    RECORD_SIZE_CHANGED_THROUGH_API,
    STREAM_ADOPTED,
    STREAM_RECREATED,
    STREAM_DELETED_THROUGH_API,
    POOL_CREATED;

    /** As it is written: {@code StreamNameTaken}. */
    String text() {
        return Arrays.stream(name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    /** The reason that is written so. */
    static StreamReason valueOfText(String text) {
        return Arrays.stream(values())
                .filter(reason -> reason.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No reason is called " + text));
    }

    static StreamReason changedThroughApi(Setting setting) {
        return switch (setting) {
            case MODE -> MODE_CHANGED_THROUGH_API;
            case SHARD_COUNT -> SHARD_COUNT_CHANGED_THROUGH_API;
            case RETENTION_PERIOD_HOURS -> RETENTION_CHANGED_THROUGH_API;
            case MAX_RECORD_SIZE_KIB -> RECORD_SIZE_CHANGED_THROUGH_API;
        };
    }

    /** The reason that a request was refused for good. */
    static StreamReason ofRefusal(String awsError) {
        return awsError.equals("LimitExceededException") ? LIMIT_EXCEEDED : INVALID_ARGUMENT;
    }
}
