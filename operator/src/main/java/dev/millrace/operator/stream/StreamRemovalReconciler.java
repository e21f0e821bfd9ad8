/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControl;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.shard.map.StreamStatus;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.inject.Singleton;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the stream of a Stream that is deleted, where its policy says so, and holds the resource
 * by a finalizer until the stream has gone.
 *
 * <p>A controller of its own: the framework gives the finalizer to every resource that a controller
 * with a cleaner sees, and this one, by its filter, sees only those that need it.
 */
@Singleton
@ControllerConfiguration(
        name = StreamRemovalReconciler.NAME,
        finalizerName = StreamFacts.FINALIZER,
        fieldManager = "millrace-operator-finalizer",
        informer = @Informer(genericFilter = StreamRemovalFilter.class),
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(
        initialInterval = 1_000,
        intervalMultiplier = 2,
        maxInterval = 30_000,
        maxAttempts = Integer.MAX_VALUE)
public final class StreamRemovalReconciler implements Reconciler<Stream>, Cleaner<Stream> {

    static final String NAME = "stream-removal";
    private static final Logger LOG = LoggerFactory.getLogger(StreamRemovalReconciler.class);
    private static final Duration RETRY = Duration.ofSeconds(3);

    private final KubernetesClient client;
    private final PoolControls controls;
    private final StreamCommons commons;

    public StreamRemovalReconciler(
            KubernetesClient client, PoolControls controls, StreamCommons commons) {
        this.client = client;
        this.controls = controls;
        this.commons = commons;
    }

    @Override
    public UpdateControl<Stream> reconcile(Stream stream, Context<Stream> context) {
        if (!needsFinalizer(stream)) {
            PrimaryUpdateAndCacheUtils.removeFinalizer(context, StreamFacts.FINALIZER);
        }
        return UpdateControl.noUpdate();
    }

    @Override
    public DeleteControl cleanup(Stream stream, Context<Stream> context) {
        Optional<StreamIdentity> who = StreamFacts.identity(stream);
        if (!needsFinalizer(stream) || who.isEmpty() || isPoolGone(who.get())) {
            return DeleteControl.defaultDelete();
        }
        PoolControl control = controls.of(who.get().pool());
        return switch (control.removeStream(who.get().stream(), who.get().uid())) {
            case ControlResult.Applied<PoolControl.Removal> _ ->
                    whetherGone(stream, who.get(), control);
            case ControlResult.Refused<PoolControl.Removal> refused -> later(who.get(), refused);
            case ControlResult.Unreachable<PoolControl.Removal> unreachable ->
                    later(who.get(), unreachable);
        };
    }

    private boolean needsFinalizer(Stream stream) {
        return commons.finalizers() && StreamFacts.deletesItsStream(stream);
    }

    private DeleteControl whetherGone(Stream stream, StreamIdentity who, PoolControl control) {
        return switch (control.listStreamStates()) {
            case ControlResult.Applied<PoolStreams>(PoolStreams streams) -> {
                boolean isThere =
                        streams.find(who.stream())
                                .filter(s -> s.ownerUid().equals(Optional.of(who.uid())))
                                .isPresent();
                if (!isThere) {
                    yield DeleteControl.defaultDelete();
                }
                showDeleting(stream);
                yield DeleteControl.noFinalizerRemoval()
                        .rescheduleAfter(commons.timing().removal());
            }
            case ControlResult.Refused<PoolStreams> refused -> later(who, refused);
            case ControlResult.Unreachable<PoolStreams> unreachable -> later(who, unreachable);
        };
    }

    /** The reconciler does not see a resource that is being deleted. */
    private void showDeleting(Stream stream) {
        String deleting = StreamStatus.DELETING.name();
        boolean isShown =
                StreamFacts.status(stream)
                        .filter(status -> deleting.equals(status.streamStatus()))
                        .isPresent();
        if (!isShown) {
            client.resources(Stream.class)
                    .inNamespace(stream.getMetadata().getNamespace())
                    .withName(stream.getMetadata().getName())
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"status\":{\"streamStatus\":\"%s\"}}".formatted(deleting));
        }
    }

    private static DeleteControl later(StreamIdentity who, ControlResult<?> why) {
        LOG.warn("Stream {} of pool {} is not deleted yet: {}", who.stream(), who.pool(), why);
        return DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    /** Whether nobody is left to ask, or will be: then the stream goes with its pool. */
    private boolean isPoolGone(StreamIdentity who) {
        @Nullable BrokerPool pool =
                client.resources(BrokerPool.class)
                        .inNamespace(who.namespace())
                        .withName(who.pool().name())
                        .get();
        return pool == null || pool.isMarkedForDeletion() || isNamespaceGoing(who.namespace());
    }

    private boolean isNamespaceGoing(String namespace) {
        try {
            @Nullable Namespace found = client.namespaces().withName(namespace).get();
            return found == null || found.isMarkedForDeletion();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                // An operator of one namespace need not be allowed to look. The pool tells as well.
                return false;
            }
            throw e;
        }
    }
}
