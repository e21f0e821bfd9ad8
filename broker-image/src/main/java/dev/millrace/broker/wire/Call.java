/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonParser;
import dev.millrace.broker.access.Caller;
import java.io.IOException;

/**
 * One request to an action: who sends it, and its body.
 *
 * @param bodyLength how many bytes of the array are the body
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; a copy would cost the hot path.
public record Call(Caller caller, Protocol protocol, byte[] body, int bodyLength) {

    /** The body as fields by name. */
    public Input input() throws IOException {
        if (bodyLength == 0) {
            throw AwsException.serialization("");
        }
        try (JsonParser parser = protocol.parser(body, bodyLength)) {
            return Input.parse(protocol, parser);
        }
    }

    /** The body for an action that reads it by itself; it stands before the first token. */
    public JsonParser parser() throws IOException {
        if (bodyLength == 0) {
            throw AwsException.serialization("");
        }
        return protocol.parser(body, bodyLength);
    }
}
