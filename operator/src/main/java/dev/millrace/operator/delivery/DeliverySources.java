/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.Condition;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.Reference;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.ApplyStream;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControl;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.resource.ResourceEvents;
import dev.millrace.operator.stream.NewResources;
import dev.millrace.operator.stream.PoolDefaults;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stream that a DeliveryStream delivers. For what is put directly that is a stream of its
 * own, made here.
 */
final class DeliverySources {

    private static final String FIELD_MANAGER = "millrace-operator";
    private static final String NOT_FOUND = "ResourceNotFoundException";

    private final KubernetesClient client;
    private final PoolControls controls;
    private final PoolDefaults poolDefaults;
    private final ResourceEvents events;
    private final PoolLists lists;
    private final InstantSource clock;

    /** The streams of pools as they were last listed. */
    @FunctionalInterface
    interface PoolLists {
        Optional<PoolStreams> of(PoolRef pool);
    }

    DeliverySources(
            KubernetesClient client,
            PoolControls controls,
            PoolDefaults poolDefaults,
            ResourceEvents events,
            PoolLists lists,
            InstantSource clock) {
        this.lists = lists;
        this.clock = clock;
        this.client = client;
        this.controls = controls;
        this.poolDefaults = poolDefaults;
        this.events = events;
    }

    sealed interface Result {

        /**
         * It is there, on brokers that run.
         *
         * @param definitionHash what spec and the API agree upon
         */
        record Known(
                StreamName stream, PoolRef pool, String bootstrapServers, String definitionHash)
                implements Result {

            Known agreed(String hash) {
                return new Known(stream, pool, bootstrapServers, hash);
            }
        }

        /** It is not, and that is why. */
        record Not(Found found) implements Result {}
    }

    Result find(DeliveryStream stream) {
        Reference reference = stream.getSpec().source().streamRef();
        return reference == null ? direct(stream) : ofStream(stream, reference.name());
    }

    private Result ofStream(DeliveryStream stream, String name) {
        @Nullable Stream source =
                client.resources(Stream.class)
                        .inNamespace(stream.getMetadata().getNamespace())
                        .withName(name)
                        .get();
        if (source == null) {
            return waiting(
                    DeliveryReason.SourceNotFound,
                    "Stream %s is not there; delivery goes on when it is made".formatted(name));
        }
        if (source.getStatus() == null || source.getStatus().streamId() == null) {
            return waiting(
                    DeliveryReason.SourceNotReady, "Stream %s is being made".formatted(name));
        }
        PoolRef pool =
                new PoolRef(
                        stream.getMetadata().getNamespace(),
                        Objects.requireNonNullElse(source.getSpec().pool(), "default"));
        Result onPool = onPool(pool, new StreamName(source.streamName()));
        return onPool instanceof Result.Known known ? inLine(stream, known) : onPool;
    }

    private Result direct(DeliveryStream stream) {
        PoolRef pool = new PoolRef(stream.getMetadata().getNamespace(), stream.getSpec().pool());
        Optional<StreamName> buffer = buffer(stream);
        if (buffer.isEmpty()) {
            return new Result.Not(
                    new Found.Stuck(
                            DeliveryReason.InvalidArgument,
                            "Firehose does not allow the name " + stream.deliveryStreamName()));
        }
        Result onPool = onPool(pool, buffer.get());
        if (onPool instanceof Result.Known known) {
            return inLine(stream, known);
        }
        makePool(stream, pool);
        return onPool;
    }

    private static Optional<StreamName> buffer(DeliveryStream stream) {
        try {
            return Optional.of(new DeliveryStreamName(stream.deliveryStreamName()).buffer());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Makes the buffer be as spec says, and spec say what the API changed: whoever changed it last
     * wins. A delivery stream that reads a Stream has a buffer as well, though an empty one: it is
     * what the API knows of it.
     */
    private Result inLine(DeliveryStream stream, Result.Known known) {
        Optional<StreamName> buffer = buffer(stream);
        if (buffer.isEmpty()) {
            // The API cannot know it; what it reads can be delivered all the same.
            return known;
        }
        DeliveryDefinition wanted = DeliveryDefinition.of(stream.getSpec());
        Optional<PoolStreams> list = lists.of(known.pool());
        if (isDeletedThroughApi(stream, buffer.get(), list)) {
            return new Result.Not(new Found.DeletedThroughApi());
        }
        if (isSettled(stream, wanted, list.flatMap(l -> l.find(buffer.get())))) {
            return known.agreed(wanted.hash());
        }
        PoolControl control = controls.of(known.pool());
        ControlResult<StreamStateView> now =
                control.applyStream(
                        ApplyStream.nothing(buffer.get(), stream.getMetadata().getUid()));
        if (now instanceof ControlResult.Refused<StreamStateView> refused) {
            if (!refused.awsError().equals(NOT_FOUND)) {
                return refused(refused);
            }
            if (wasThere(stream) && list.filter(l -> l.find(buffer.get()).isEmpty()).isEmpty()) {
                // It went since the list. The next one says whether it was deleted through the API.
                return waiting(
                        DeliveryReason.SourceNotReady,
                        "The pool has no stream for what is put any more; why is looked up");
            }
        }
        Optional<StreamStateView> state =
                now instanceof ControlResult.Applied<StreamStateView>(StreamStateView found)
                        ? Optional.of(found)
                        : Optional.empty();
        boolean differs =
                state.flatMap(StreamStateView::delivery)
                        .filter(kept -> !agree(kept, wanted))
                        .isPresent();
        // One side is about to win: not by what we have of the resource, which may be a moment old.
        DeliveryStream newest = differs ? newest(stream) : stream;
        boolean isNew = now instanceof ControlResult.Refused<StreamStateView>;
        return decide(newest, known, buffer.get(), state, isNew);
    }

    /**
     * Lets one side win, where they differ.
     *
     * @param state how the buffer is, where that is known
     * @param isNew whether it has to be made
     */
    private Result decide(
            DeliveryStream stream,
            Result.Known known,
            StreamName buffer,
            Optional<StreamStateView> state,
            boolean isNew) {
        DeliveryDefinition wanted = DeliveryDefinition.of(stream.getSpec());
        Optional<String> kept = state.flatMap(StreamStateView::delivery);
        if (state.filter(
                        found ->
                                found.status() == StreamStatus.ACTIVE
                                        && isChangedThroughApi(stream, wanted, found))
                .isPresent()) {
            return carryBack(stream, known, wanted, kept.orElseThrow());
        }
        boolean same = kept.filter(text -> agree(text, wanted)).isPresent();
        Optional<Integer> shards =
                Optional.ofNullable(stream.getSpec().source().shardCount())
                        .or(() -> isNew ? Optional.of(1) : Optional.empty());
        Optional<String> definition =
                same ? Optional.empty() : Optional.of(wanted.keep(kept, clock.instant()));
        return applied(
                controls.of(known.pool()).applyStream(request(stream, buffer, shards, definition)),
                known.agreed(wanted.hash()));
    }

    /** Whether nothing says that the buffer could be other than it shall be. */
    private static boolean isSettled(
            DeliveryStream stream, DeliveryDefinition wanted, Optional<StreamStateView> seen) {
        return stream.getStatus() != null
                && wanted.hash().equals(stream.getStatus().definitionHash())
                && Objects.equals(
                        stream.getStatus().observedGeneration(),
                        stream.getMetadata().getGeneration())
                && seen.filter(state ->
                                state.ownerUid().equals(Optional.of(stream.getMetadata().getUid()))
                                        && state.status() != StreamStatus.CREATING
                                        && state.status() != StreamStatus.DELETING
                                        && state.delivery()
                                                .filter(text -> agree(text, wanted))
                                                .isPresent())
                        .isPresent();
    }

    private static boolean agree(String kept, DeliveryDefinition wanted) {
        // What the API names a stream, a resource may name otherwise; neither can change it.
        DeliveryDefinition other = DeliveryDefinition.kept(kept);
        for (String part : DeliveryDefinition.CHANGING) {
            if (!Objects.equals(other.parts().get(part), wanted.parts().get(part))) {
                return false;
            }
        }
        return true;
    }

    /** Whether spec is as it was when the two last agreed, and the API's side is not. */
    private static boolean isChangedThroughApi(
            DeliveryStream stream, DeliveryDefinition wanted, StreamStateView state) {
        if (state.delivery().isEmpty() || agree(state.delivery().get(), wanted)) {
            return false;
        }
        if (stream.getStatus() == null || stream.getStatus().definitionHash() == null) {
            return Long.valueOf(1).equals(stream.getMetadata().getGeneration())
                    && stream.getMetadata().getAnnotations() != null
                    && "api"
                            .equals(
                                    stream.getMetadata()
                                            .getAnnotations()
                                            .get(ApiDeliveries.CREATED_BY));
        }
        return wanted.hash().equals(stream.getStatus().definitionHash());
    }

    /** The resource as it is now; as we have it, if it is gone. */
    private DeliveryStream newest(DeliveryStream stream) {
        @Nullable DeliveryStream now =
                client.resources(DeliveryStream.class)
                        .inNamespace(stream.getMetadata().getNamespace())
                        .withName(stream.getMetadata().getName())
                        .get();
        return now == null ? stream : now;
    }

    private Result carryBack(
            DeliveryStream stream, Result.Known known, DeliveryDefinition before, String kept) {
        DeliveryDefinition changed = DeliveryDefinition.kept(kept);
        DeliveryStream patched =
                client.resources(DeliveryStream.class)
                        .inNamespace(stream.getMetadata().getNamespace())
                        .withName(stream.getMetadata().getName())
                        .patch(
                                new PatchContext.Builder()
                                        .withPatchType(PatchType.JSON)
                                        .withFieldManager(ApiDeliveries.FIELD_MANAGER)
                                        .build(),
                                changed.patch(before, stream.getMetadata().getGeneration()));
        events.tell(
                stream,
                false,
                DeliveryReason.ChangedThroughApi,
                "spec is now as UpdateDestination has set it, generation "
                        + (stream.getMetadata().getGeneration() + 1));
        // The change of spec wakes us. What is agreed upon is noted now: what the API changes until
        // then would look like a change of spec.
        return new Result.Not(
                new Found.Waiting(
                        DeliveryReason.ChangedThroughApi,
                        "The API changed it: spec follows",
                        Optional.empty(),
                        Optional.of(
                                known.agreed(DeliveryDefinition.of(patched.getSpec()).hash()))));
    }

    /** The gateway keeps a trace of what was deleted, and it was this resource's. */
    private static boolean isDeletedThroughApi(
            DeliveryStream stream, StreamName buffer, Optional<PoolStreams> list) {
        return wasThere(stream)
                && list.filter(l ->
                                l.find(buffer).isEmpty()
                                        && l.deleted().stream()
                                                .anyMatch(deleted ->
                                                        deleted.name().equals(buffer)
                                                                && deleted.ownerUid()
                                                                        .equals(
                                                                                Optional.of(
                                                                                        stream.getMetadata()
                                                                                                .getUid()))))
                        .isPresent();
    }

    /** Whether the pool has had the buffer of this resource. */
    private static boolean wasThere(DeliveryStream stream) {
        return stream.getStatus() != null && stream.getStatus().definitionHash() != null;
    }

    private static Result applied(ControlResult<StreamStateView> result, Result.Known known) {
        return switch (result) {
            case ControlResult.Applied<StreamStateView>(StreamStateView state) ->
                    switch (state.status()) {
                        case ACTIVE, UPDATING -> known;
                        case CREATING ->
                                waiting(
                                        DeliveryReason.SourceNotReady,
                                        "The stream for what is put is being made");
                        case DELETING ->
                                waiting(
                                        DeliveryReason.SourceNotReady,
                                        "The delivery stream is being deleted in the pool");
                    };
            case ControlResult.Refused<StreamStateView> refused -> refused(refused);
            case ControlResult.Unreachable<StreamStateView>(String cause) ->
                    waiting(DeliveryReason.GatewayUnreachable, cause);
        };
    }

    private static Result refused(ControlResult.Refused<StreamStateView> refused) {
        String message = refused.awsError() + ": " + refused.message();
        return refused.isFinal()
                ? new Result.Not(new Found.Stuck(DeliveryReason.InvalidArgument, message))
                : waiting(DeliveryReason.GatewayBusy, message);
    }

    private static ApplyStream request(
            DeliveryStream stream,
            StreamName buffer,
            Optional<Integer> shards,
            Optional<String> definition) {
        return new ApplyStream(
                buffer,
                stream.getMetadata().getUid(),
                shards,
                Optional.empty(),
                Optional.ofNullable(stream.getSpec().source().retentionPeriodHours()),
                Optional.empty(),
                Optional.of(LimitsProfile.UNLIMITED),
                Optional.empty(),
                Optional.empty(),
                definition);
    }

    private Result onPool(PoolRef ref, StreamName stream) {
        @Nullable BrokerPool pool =
                client.resources(BrokerPool.class)
                        .inNamespace(ref.namespace())
                        .withName(ref.name())
                        .get();
        if (pool == null) {
            return waiting(DeliveryReason.PoolNotReady, "There is no BrokerPool " + ref.name());
        }
        Optional<BrokerPoolStatus> status = Optional.ofNullable(pool.getStatus());
        Optional<Condition> ready =
                DeliveryConditions.find(
                        status.map(BrokerPoolStatus::conditions).orElse(List.of()), "Ready");
        Optional<String> servers = status.flatMap(s -> Optional.ofNullable(s.bootstrapServers()));
        if (servers.isEmpty()
                || ready.filter(condition -> condition.status().equals("True")).isEmpty()) {
            return waiting(
                    DeliveryReason.PoolNotReady,
                    "BrokerPool %s is not ready: %s"
                            .formatted(
                                    ref.name(), ready.map(Condition::message).orElse("it is new")));
        }
        return new Result.Known(stream, ref, servers.get(), "");
    }

    /**
     * It belongs to no DeliveryStream: others may come to live in it. Does nothing if it is there.
     */
    private void makePool(DeliveryStream stream, PoolRef ref) {
        if (stream.getStatus() != null && stream.getStatus().sourceStream() != null) {
            // The pool was deleted: one of other brokers than its volumes remember would do harm.
            return;
        }
        BrokerPool pool = new BrokerPool();
        pool.setMetadata(
                new ObjectMetaBuilder()
                        .withName(ref.name())
                        .withNamespace(ref.namespace())
                        .addToAnnotations("millrace.dev/created-by", "default")
                        .build());
        pool.setSpec(poolDefaults.spec());
        if (client.resources(BrokerPool.class)
                                .inNamespace(ref.namespace())
                                .withName(ref.name())
                                .get()
                        == null
                && NewResources.create(client, pool, FIELD_MANAGER)) {
            events.tell(
                    stream,
                    false,
                    DeliveryReason.PoolCreated,
                    "Made BrokerPool %s with the operator's defaults".formatted(ref.name()));
        }
    }

    private static Result waiting(DeliveryReason reason, String message) {
        return new Result.Not(
                new Found.Waiting(reason, message, Optional.empty(), Optional.empty()));
    }
}
