/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.StreamStateView;
import java.util.Optional;

/** What came of bringing a stream and its resource together. */
sealed interface Outcome {

    /**
     * The gateway has what spec asks for.
     *
     * @param applied what {@code status.applied} says from now on, carried-back values included
     * @param carryBack what the API changed, to be written into spec before {@code applied} is
     *     noted
     */
    record Synced(StreamStateView state, Settings applied, Settings carryBack, Origin origin)
            implements Outcome {}

    /** The stream goes because somebody deleted it through the API; its trace is awaited. */
    record Deleting(StreamStateView state) implements Outcome {}

    /** The stream that this resource stood for was deleted through the API. */
    record DeletedThroughApi() implements Outcome {}

    /** The stream is not there, with no trace of its deletion: looked for once more. */
    record Missing() implements Outcome {}

    /** What spec asks for cannot be done until somebody changes it. */
    record Stalled(StreamReason reason, String message, Optional<StreamStateView> state)
            implements Outcome {}

    /** Not now: worth another try by itself. */
    record Retry(StreamReason reason, String message, Optional<StreamStateView> state)
            implements Outcome {}

    /** Where the stream of a resource came from. */
    enum Origin {
        /** It was there before, and it was this resource's. */
        KNOWN,
        /** It was made for this resource. */
        CREATED,
        /** It was made through the API, or left behind by another resource. */
        ADOPTED,
        /** It was made anew in the place of one that was lost. */
        RECREATED
    }
}
