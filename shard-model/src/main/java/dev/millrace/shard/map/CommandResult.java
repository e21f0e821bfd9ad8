/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What became of a command. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "result")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CommandResult.Done.class, name = "done"),
    @JsonSubTypes.Type(value = CommandResult.Refused.class, name = "refused")
})
public sealed interface CommandResult {

    /** It is decided and in the log; what it takes beyond that goes on. */
    record Done() implements CommandResult {}

    /**
     * Nothing was changed.
     *
     * @param reason the kind of error, in Kinesis's words
     * @param message what is wrong and with which stream or shard
     */
    record Refused(Reason reason, String message) implements CommandResult {}

    /** The errors that Kinesis has for control operations. */
    enum Reason {
        RESOURCE_IN_USE,
        RESOURCE_NOT_FOUND,
        LIMIT_EXCEEDED,
        INVALID_ARGUMENT,
        VALIDATION
    }

    static CommandResult done() {
        return new Done();
    }

    static CommandResult refused(Reason reason, String message) {
        return new Refused(reason, message);
    }
}
