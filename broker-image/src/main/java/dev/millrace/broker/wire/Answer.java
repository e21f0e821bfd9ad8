/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** The body of a good answer: writes its fields between the braces of the outer object. */
@FunctionalInterface
public non-sealed interface Answer extends Reply {

    /** An answer without a body, as of operations that return nothing. */
    Answer EMPTY = (_, _) -> {};

    void writeFields(JsonGenerator out, Protocol protocol) throws IOException;
}
