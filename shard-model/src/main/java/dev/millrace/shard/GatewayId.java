/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One membership of a gateway process: after it was expelled it joins under another id. */
public record GatewayId(@JsonValue String value) implements Comparable<GatewayId> {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public GatewayId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("A gateway's id is not empty");
        }
    }

    @Override
    public int compareTo(GatewayId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
