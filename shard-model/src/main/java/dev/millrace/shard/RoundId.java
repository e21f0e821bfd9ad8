/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One attempt to close some shards and open their children. A new attempt has a new id, so that an
 * acknowledgement of an earlier one counts for nothing.
 */
public record RoundId(@JsonValue String value) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RoundId {}

    @Override
    public String toString() {
        return value;
    }
}
