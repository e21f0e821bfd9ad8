/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at how the streams of each pool stand, again and again, and wakes the Streams whose stream
 * has changed. A stream that was made through the Kinesis API gets its Stream resource here. Writes
 * nothing to the pool. Being a controller, it rests where this operator is not the leader, and
 * looks at a bounded number of pools at a time.
 */
@Singleton
@ControllerConfiguration(
        name = PoolStreamsReconciler.NAME,
        // A pool that becomes ready is looked at at once: that is in its status.
        generationAwareEventProcessing = false,
        fieldManager = "millrace-operator",
        // Looking must never end, whatever fails: nothing else would begin it again.
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(
        initialInterval = 1_000,
        intervalMultiplier = 2,
        maxInterval = 30_000,
        maxAttempts = Integer.MAX_VALUE)
public final class PoolStreamsReconciler implements Reconciler<BrokerPool> {

    static final String NAME = "pool-streams";
    private static final Logger LOG = LoggerFactory.getLogger(PoolStreamsReconciler.class);

    private final PoolControls controls;
    private final StreamCommons commons;
    private final ApiStreams apiStreams;
    private final UnownedDeliveries deliveries;

    public PoolStreamsReconciler(
            KubernetesClient client,
            PoolControls controls,
            StreamCommons commons,
            UnownedDeliveries deliveries) {
        this.deliveries = deliveries;
        this.controls = controls;
        this.commons = commons;
        this.apiStreams = new ApiStreams(client);
    }

    @Override
    public List<EventSource<?, BrokerPool>> prepareEventSources(
            EventSourceContext<BrokerPool> context) {
        return List.of(commons.wakeups().pools());
    }

    @Override
    public UpdateControl<BrokerPool> reconcile(BrokerPool pool, Context<BrokerPool> context) {
        PoolRef ref = new PoolRef(pool.getMetadata().getNamespace(), pool.getMetadata().getName());
        if (pool.isMarkedForDeletion()
                || !StreamPools.facts(ref, java.util.Optional.of(pool)).ready()) {
            // Its becoming ready is an event. What was seen before may not be so then.
            commons.states().forget(ref);
            return UpdateControl.noUpdate();
        }
        Instant askedAt = commons.clock().instant();
        Duration again =
                switch (controls.of(ref).listStreamStates()) {
                    case ControlResult.Applied<PoolStreams>(PoolStreams streams) ->
                            listed(ref, streams, askedAt);
                    case ControlResult.Refused<PoolStreams> refused -> {
                        LOG.warn("Pool {} does not list its streams: {}", ref, refused);
                        yield commons.timing().idle();
                    }
                    case ControlResult.Unreachable<PoolStreams>(String cause) -> {
                        LOG.warn("Pool {} does not list its streams: {}", ref, cause);
                        yield commons.timing().idle();
                    }
                };
        return UpdateControl.<BrokerPool>noUpdate().rescheduleAfter(again);
    }

    private Duration listed(PoolRef pool, PoolStreams streams, Instant askedAt) {
        Set<StreamName> changed = commons.states().listed(pool, streams, askedAt);
        for (Stream stream : commons.index().ofPool(pool)) {
            if (StreamFacts.streamName(stream).filter(changed::contains).isPresent()
                    || StreamFacts.streamId(stream).isEmpty()) {
                commons.wakeups().wake(stream);
            }
        }
        for (StreamStateView state : streams.streams()) {
            if (!isOfTheApi(pool, state)) {
                continue;
            }
            if (state.delivery().isPresent()) {
                deliveries.giveResource(pool, state);
            } else {
                apiStreams.giveResource(pool, state);
            }
        }
        boolean moving = streams.streams().stream().anyMatch(StreamStateView::isMoving);
        return moving ? commons.timing().busy() : commons.timing().idle();
    }

    /**
     * Whether nobody stands for the stream. One whose owner's resource is gone was let go of on
     * purpose, by deletionPolicy Retain: it gets no new one.
     */
    private boolean isOfTheApi(PoolRef pool, StreamStateView state) {
        return state.ownerUid().isEmpty()
                && state.status() != StreamStatus.DELETING
                && commons.index().isKnown()
                && commons.index().claiming(pool, state.name()).isEmpty();
    }
}
