/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.Condition;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Makes the stream in the pool be what the Stream resource says, and the resource say what the
 * stream is. Woken by changes of the resource, of its pool, and of its stream (see {@link
 * PoolStreamsReconciler}). Finalizers are {@link StreamRemovalReconciler}'s.
 */
@Singleton
@ControllerConfiguration(
        name = StreamReconciler.NAME,
        // Not only spec matters: the annotation that pauses is not part of a generation.
        generationAwareEventProcessing = false,
        fieldManager = "millrace-operator",
        informer = @Informer(onUpdateFilter = StreamUpdateFilter.class),
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(
        initialInterval = 1_000,
        intervalMultiplier = 2,
        maxInterval = 30_000,
        maxAttempts = Integer.MAX_VALUE)
public final class StreamReconciler implements Reconciler<Stream> {

    static final String NAME = "stream";
    private static final Duration NAME_TAKEN_RETRY = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final PoolControls controls;
    private final StreamCommons commons;
    private final InstantSource clock;
    private final StreamTiming timing;
    private final boolean finalizers;
    private final StreamPools pools;
    private final SpecWriter specs;
    private final StreamNews news;

    public StreamReconciler(
            KubernetesClient client,
            PoolControls controls,
            PoolDefaults poolDefaults,
            StreamCommons commons) {
        this.client = client;
        this.controls = controls;
        this.commons = commons;
        this.clock = commons.clock();
        this.timing = commons.timing();
        this.finalizers = commons.finalizers();
        StreamEvents events = new StreamEvents(client, clock);
        this.pools = new StreamPools(client, poolDefaults, events);
        this.specs = new SpecWriter(client);
        this.news = new StreamNews(events);
    }

    @Override
    public List<EventSource<?, Stream>> prepareEventSources(EventSourceContext<Stream> context) {
        commons.index().over(context.getPrimaryCache());
        InformerEventSource<BrokerPool, Stream> brokerPools =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(BrokerPool.class, Stream.class)
                                .withSecondaryToPrimaryMapper(pool ->
                                        commons.index().ofPool(ref(pool)).stream()
                                                .map(ResourceID::fromResource)
                                                .collect(Collectors.toSet()))
                                .withPrimaryToSecondaryMapper((Stream stream) -> {
                                    PoolRef ref = StreamFacts.pool(stream);
                                    return java.util.Set.of(
                                            new ResourceID(ref.name(), ref.namespace()));
                                })
                                .build(),
                        context);
        return List.of(brokerPools, commons.wakeups().streams());
    }

    @Override
    public UpdateControl<Stream> reconcile(Stream stream, Context<Stream> context) {
        StreamStatuses statuses = new StreamStatuses(stream, clock.instant());
        if (StreamFacts.isPaused(stream)) {
            return patch(stream, statuses.paused());
        }
        if (finalizers
                && StreamFacts.deletesItsStream(stream)
                && !stream.hasFinalizer(StreamFacts.FINALIZER)) {
            // It is on its way, and wakes us: a stream made before it could be left behind.
            return UpdateControl.noUpdate();
        }
        Optional<StreamIdentity> who = StreamFacts.identity(stream);
        if (who.isEmpty()) {
            return stalled(
                    stream,
                    statuses.stalled(
                            Optional.empty(),
                            StreamReason.INVALID_ARGUMENT,
                            "Kinesis does not allow the name " + stream.streamName()));
        }
        PoolRef ref = who.get().pool();
        Optional<BrokerPool> pool = context.getSecondaryResource(BrokerPool.class);
        if (pool.isEmpty() && StreamFacts.streamId(stream).isEmpty()) {
            // Not for a stream that lived in one: the pool was deleted, and one of other brokers
            // than its volumes remember would do harm.
            pools.make(stream, ref);
        }
        PoolFacts facts = StreamPools.facts(ref, pool);
        if (!facts.ready()) {
            return patch(stream, statuses.waitingForPool(facts));
        }
        Optional<PoolStreams> list = commons.states().of(ref);
        if (list.isEmpty()) {
            commons.wakeups().look(ref);
            return UpdateControl.<Stream>noUpdate().rescheduleAfter(timing.busy());
        }
        Optional<Stream> holder = otherHolder(who.get(), list.get());
        if (holder.isPresent()) {
            return stalled(
                            stream,
                            statuses.stalled(
                                    Optional.of(facts),
                                    StreamReason.STREAM_NAME_TAKEN,
                                    "The Stream %s has the stream %s of BrokerPool %s"
                                            .formatted(
                                                    holder.get().getMetadata().getName(),
                                                    who.get().stream(),
                                                    ref.name())))
                    .rescheduleAfter(NAME_TAKEN_RETRY);
        }
        return sync(stream, who.get(), facts, list.get(), statuses);
    }

    private UpdateControl<Stream> sync(
            Stream stream,
            StreamIdentity who,
            PoolFacts pool,
            PoolStreams list,
            StreamStatuses statuses) {
        StreamSync.Known known =
                new StreamSync.Known(
                        StreamFacts.streamId(stream),
                        StreamFacts.applied(stream),
                        missedLongEnough(stream));
        Outcome outcome =
                new StreamSync(who, StreamFacts.wanted(stream), known)
                        .run(list, controls.of(who.pool()));
        return switch (outcome) {
            case Outcome.Synced synced -> {
                commons.states().learned(who.pool(), synced.state(), clock.instant());
                if (synced.state().isMoving()) {
                    commons.wakeups().look(who.pool());
                }
                news.tell(stream, outcome, statuses.of(outcome, pool));
                if (synced.carryBack().isEmpty()) {
                    yield patch(stream, statuses.of(outcome, pool));
                }
                Stream written = specs.carryBack(stream, synced.carryBack());
                yield patch(
                        stream,
                        statuses.ofGeneration(written.getMetadata().getGeneration())
                                .of(outcome, pool));
            }
            case Outcome.DeletedThroughApi() -> {
                news.tell(stream, outcome, statuses.of(outcome, pool));
                // Only this version: somebody who edits it at this moment wants to keep it.
                client.resource(stream).lockResourceVersion().delete();
                yield UpdateControl.noUpdate();
            }
            case Outcome.Missing() -> {
                commons.wakeups().look(who.pool());
                yield patch(stream, statuses.of(outcome, pool))
                        .rescheduleAfter(timing.missingGrace());
            }
            case Outcome.Retry retry -> {
                commons.wakeups().look(who.pool());
                throw new GatewayUnavailable(retry.message(), statuses.of(outcome, pool));
            }
            case Outcome.Deleting _ -> patch(stream, statuses.of(outcome, pool));
            case Outcome.Stalled _ -> stalled(stream, statuses.of(outcome, pool));
        };
    }

    @Override
    public ErrorStatusUpdateControl<Stream> updateErrorStatus(
            Stream stream, Context<Stream> context, Exception e) {
        if (e instanceof GatewayUnavailable unavailable
                && !unavailable.status().equals(stream.getStatus())) {
            return ErrorStatusUpdateControl.patchStatus(withStatus(stream, unavailable.status()));
        }
        return ErrorStatusUpdateControl.defaultErrorProcessing();
    }

    /** The Stream that has the stream before this one, if another has. */
    private Optional<Stream> otherHolder(StreamIdentity who, PoolStreams list) {
        List<Stream> claiming = commons.index().claiming(who.pool(), who.stream());
        Optional<Stream> owner =
                list.find(who.stream())
                        .flatMap(state -> state.ownerUid())
                        .flatMap(uid ->
                                claiming.stream()
                                        .filter(s -> s.getMetadata().getUid().equals(uid))
                                        .findFirst());
        return owner.or(() -> claiming.stream().findFirst())
                .filter(holder -> !holder.getMetadata().getUid().equals(who.uid()));
    }

    /** Whether status has said for a while that the stream is missing. */
    private boolean missedLongEnough(Stream stream) {
        Instant since = clock.instant().minus(timing.missingGrace());
        return StreamConditions.find(StreamFacts.conditions(stream), StreamConditions.READY)
                .filter(ready -> ready.reason().equals(StreamReason.STREAM_MISSING.text()))
                .map(Condition::lastTransitionTime)
                .filter(time -> !Instant.parse(time).isAfter(since))
                .isPresent();
    }

    private UpdateControl<Stream> stalled(Stream stream, StreamStatus status) {
        news.problems(stream, status);
        return patch(stream, status);
    }

    private static UpdateControl<Stream> patch(Stream stream, StreamStatus status) {
        return status.equals(stream.getStatus())
                ? UpdateControl.noUpdate()
                : UpdateControl.patchStatus(withStatus(stream, status));
    }

    /** A fresh object: one with a spec would make the operator the owner of the user's fields. */
    private static Stream withStatus(Stream stream, StreamStatus status) {
        Stream fresh = new Stream();
        fresh.setMetadata(
                new ObjectMetaBuilder()
                        .withName(stream.getMetadata().getName())
                        .withNamespace(stream.getMetadata().getNamespace())
                        .build());
        fresh.setStatus(status);
        return fresh;
    }

    private static PoolRef ref(BrokerPool pool) {
        return new PoolRef(pool.getMetadata().getNamespace(), pool.getMetadata().getName());
    }
}
