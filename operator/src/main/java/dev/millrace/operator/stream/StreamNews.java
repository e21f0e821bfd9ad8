/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.Condition;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.stream.StreamEvents.Kind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What of a reconcile is worth an Event: what has changed against the status before. */
final class StreamNews {

    private final StreamEvents events;

    StreamNews(StreamEvents events) {
        this.events = events;
    }

    void tell(Stream stream, Outcome outcome, StreamStatus after) {
        switch (outcome) {
            case Outcome.Synced synced -> {
                origin(stream, synced);
                changes(stream, synced);
                reshards(stream, synced.state());
            }
            case Outcome.DeletedThroughApi() ->
                    events.tell(
                            stream,
                            Kind.Normal,
                            StreamReason.STREAM_DELETED_THROUGH_API,
                            StreamFacts.streamId(stream).map(Object::toString).orElse(""),
                            "The stream was deleted through the API; its resource follows");
            case Outcome.Deleting _, Outcome.Missing _, Outcome.Stalled _, Outcome.Retry _ -> {}
        }
        problems(stream, after);
    }

    /** Tells of a status that stalls where the one before did not, or for another reason. */
    void problems(Stream stream, StreamStatus after) {
        Optional<Condition> stalled = stalled(StreamFacts.conditions(after));
        if (stalled.isPresent()
                && !stalled(StreamFacts.conditions(stream))
                        .map(Condition::message)
                        .equals(stalled.map(Condition::message))) {
            events.tell(
                    stream,
                    Kind.Warning,
                    StreamReason.valueOfText(stalled.get().reason()),
                    stalled.get().message(),
                    stalled.get().message());
        }
    }

    private static Optional<Condition> stalled(List<Condition> conditions) {
        return StreamConditions.find(conditions, StreamConditions.STALLED);
    }

    private void origin(Stream stream, Outcome.Synced synced) {
        String id = synced.state().id().value();
        switch (synced.origin()) {
            case KNOWN -> {}
            case CREATED ->
                    events.tell(
                            stream,
                            Kind.Normal,
                            StreamReason.CREATED,
                            id,
                            "Made stream %s with %d shards"
                                    .formatted(
                                            synced.state().name(),
                                            synced.state().targetShardCount()));
            case ADOPTED ->
                    events.tell(
                            stream,
                            Kind.Normal,
                            StreamReason.STREAM_ADOPTED,
                            id,
                            "Took over stream %s, which was there already"
                                    .formatted(synced.state().name()));
            case RECREATED ->
                    events.tell(
                            stream,
                            Kind.Warning,
                            StreamReason.STREAM_RECREATED,
                            id,
                            "The pool had lost stream %s: made it again, empty"
                                    .formatted(synced.state().name()));
        }
    }

    private void changes(Stream stream, Outcome.Synced synced) {
        for (Map.Entry<Setting, Integer> change : synced.carryBack().values().entrySet()) {
            events.tell(
                    stream,
                    Kind.Normal,
                    StreamReason.changedThroughApi(change.getKey()),
                    // Of the same value twice there was another in between, and so another version.
                    stream.getMetadata().getGeneration() + "-" + change.getValue(),
                    "spec.%s is now %s, as it was set through the Kinesis API"
                            .formatted(
                                    change.getKey().field(),
                                    change.getKey().text(change.getValue())));
        }
    }

    private void reshards(Stream stream, StreamStateView state) {
        Optional<StreamStatus> before = StreamFacts.status(stream);
        state.reshard()
                .filter(running ->
                        before.map(StreamStatus::reshard)
                                .filter(old ->
                                        old.id().equals(Long.toString(running.id()))
                                                && old.target() == running.target())
                                .isEmpty())
                .ifPresent(running ->
                        events.tell(
                                stream,
                                Kind.Normal,
                                StreamReason.RESHARDING,
                                state.id() + "-" + running.id() + "-" + running.target(),
                                "From %d to %d shards%s"
                                        .formatted(
                                                running.from(),
                                                running.target(),
                                                because(running.reason()))));
        state.lastReshard()
                .filter(last ->
                        !Objects.equals(
                                before.map(StreamStatus::lastReshard)
                                        .map(StreamStatus.LastReshard::id),
                                Optional.of(Long.toString(last.id()))))
                .ifPresent(last ->
                        events.tell(
                                stream,
                                Kind.Normal,
                                StreamReason.RESHARDED,
                                state.id() + "-" + last.id(),
                                "From %d to %d shards%s"
                                        .formatted(
                                                last.from(),
                                                last.target(),
                                                because(last.reason()))));
    }

    private static String because(Optional<String> reason) {
        return reason.map(text -> ": " + text).orElse("");
    }
}
