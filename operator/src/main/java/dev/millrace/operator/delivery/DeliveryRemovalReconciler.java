/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControl;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamName;
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
 * Deletes the buffer of a DeliveryStream that is deleted, after its workers, where its policy says
 * so, and holds the resource by a finalizer until then.
 *
 * <p>A controller of its own: the framework gives the finalizer to every resource that a controller
 * with a cleaner sees, and this one, by its filter, sees only those that need it.
 */
@Singleton
@ControllerConfiguration(
        name = DeliveryRemovalReconciler.NAME,
        finalizerName = DeliveryNames.FINALIZER,
        fieldManager = "millrace-operator-finalizer",
        informer = @Informer(genericFilter = DeliveryRemovalFilter.class),
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(
        initialInterval = 1_000,
        intervalMultiplier = 2,
        maxInterval = 30_000,
        maxAttempts = Integer.MAX_VALUE)
public final class DeliveryRemovalReconciler
        implements Reconciler<DeliveryStream>, Cleaner<DeliveryStream> {

    static final String NAME = "delivery-removal";
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryRemovalReconciler.class);
    private static final Duration RETRY = Duration.ofSeconds(3);

    private final KubernetesClient client;
    private final PoolControls controls;
    private final DeliveryCommons commons;

    public DeliveryRemovalReconciler(
            KubernetesClient client, PoolControls controls, DeliveryCommons commons) {
        this.client = client;
        this.controls = controls;
        this.commons = commons;
    }

    @Override
    public UpdateControl<DeliveryStream> reconcile(
            DeliveryStream stream, Context<DeliveryStream> context) {
        if (!commons.needsFinalizer(stream)) {
            PrimaryUpdateAndCacheUtils.removeFinalizer(context, DeliveryNames.FINALIZER);
        }
        return UpdateControl.noUpdate();
    }

    @Override
    public DeleteControl cleanup(DeliveryStream stream, Context<DeliveryStream> context) {
        // A rival that holds the name has the buffer, too: it is not this one's to delete.
        if (!commons.needsFinalizer(stream)
                || commons.index().rival(stream).isPresent()
                || isPoolGone(stream)) {
            return DeleteControl.defaultDelete();
        }
        DeliveryNames names = DeliveryNames.of(stream);
        showDeleting(stream);
        client.apps()
                .deployments()
                .inNamespace(names.namespace())
                .withName(names.workers())
                .delete();
        PoolControl control = controls.of(new PoolRef(names.namespace(), poolOf(stream)));
        StreamName buffer = new DeliveryStreamName(stream.deliveryStreamName()).buffer();
        String uid = stream.getMetadata().getUid();
        return switch (control.removeStream(buffer, uid)) {
            case ControlResult.Applied<PoolControl.Removal> _ ->
                    whetherGone(stream, buffer, control);
            case ControlResult.Refused<PoolControl.Removal> refused -> later(stream, refused);
            case ControlResult.Unreachable<PoolControl.Removal> unreachable ->
                    later(stream, unreachable);
        };
    }

    private DeleteControl whetherGone(
            DeliveryStream stream, StreamName buffer, PoolControl control) {
        return switch (control.listStreamStates()) {
            case ControlResult.Applied<PoolStreams>(PoolStreams streams) -> {
                boolean isThere =
                        streams.find(buffer)
                                .filter(s ->
                                        s.ownerUid()
                                                .equals(Optional.of(stream.getMetadata().getUid())))
                                .isPresent();
                yield isThere
                        ? DeleteControl.noFinalizerRemoval()
                                .rescheduleAfter(commons.timing().busy())
                        : DeleteControl.defaultDelete();
            }
            case ControlResult.Refused<PoolStreams> refused -> later(stream, refused);
            case ControlResult.Unreachable<PoolStreams> unreachable -> later(stream, unreachable);
        };
    }

    /** The reconciler does not see a resource that is being deleted. */
    private void showDeleting(DeliveryStream stream) {
        boolean isShown =
                stream.getStatus() != null
                        && "DELETING".equals(stream.getStatus().deliveryStreamStatus());
        if (!isShown) {
            client.resources(DeliveryStream.class)
                    .inNamespace(stream.getMetadata().getNamespace())
                    .withName(stream.getMetadata().getName())
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"status\":{\"deliveryStreamStatus\":\"DELETING\"}}");
        }
    }

    private static DeleteControl later(DeliveryStream stream, ControlResult<?> why) {
        LOG.warn(
                "What was put into delivery stream {} is not deleted yet: {}",
                stream.getMetadata().getName(),
                why);
        return DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    /** A Stream may live in another pool than spec names. */
    private static String poolOf(DeliveryStream stream) {
        return stream.getStatus() != null && stream.getStatus().pool() != null
                ? stream.getStatus().pool()
                : stream.getSpec().pool();
    }

    /** Whether nobody is left to ask, or will be: then the buffer goes with its pool. */
    private boolean isPoolGone(DeliveryStream stream) {
        String namespace = stream.getMetadata().getNamespace();
        @Nullable BrokerPool pool =
                client.resources(BrokerPool.class)
                        .inNamespace(namespace)
                        .withName(poolOf(stream))
                        .get();
        return pool == null || pool.isMarkedForDeletion() || isNamespaceGoing(namespace);
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
