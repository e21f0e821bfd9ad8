/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.config.OperatorConfig;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolDescription;
import dev.millrace.operator.control.PoolRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.net.HttpURLConnection;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a pool: keys, settings, Services, the brokers, their disruption budget; then says how it
 * stands.
 *
 * <p>Every object is applied whole and server-side each time. Where nothing changed the API server
 * writes nothing, so a second reconcile leaves no trace.
 */
@ControllerConfiguration(
        name = "brokerpool",
        // Not only spec matters: the annotation that pauses is not part of a generation.
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = PoolUpdateFilter.class),
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 1, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
        maxAttempts = Integer.MAX_VALUE,
        initialInterval = 1_000,
        intervalMultiplier = 1.5,
        maxInterval = 30_000)
public final class BrokerPoolReconciler implements Reconciler<BrokerPool> {

    static final String FIELD_MANAGER = "millrace-operator";

    private static final Set<String> TLS_FIELDS = Set.of("tls.crt", "tls.key");
    private static final Duration LOOK_FOR_SECRET_AGAIN = Duration.ofSeconds(3);
    private static final Duration LOOK_AT_FULL_VOLUMES_AGAIN = Duration.ofSeconds(10);
    private static final Set<String> TOLD_OF =
            Set.of(PoolStatuses.READY, PoolVolumes.DISK_PRESSURE);
    private static final int UNPROCESSABLE = 422;
    private static final Duration MAKE_AGAIN = Duration.ofMillis(500);

    private final KubernetesClient client;
    private final BrokerStatefulSet brokers;
    private final VolumeGrowth volumes;
    private final PoolEvents events;
    private final PoolControls controls;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public BrokerPoolReconciler(
            KubernetesClient client,
            OperatorConfig config,
            PoolControls controls,
            InstantSource clock) {
        this.client = client;
        this.controls = controls;
        this.brokers = new BrokerStatefulSet(config);
        this.volumes = new VolumeGrowth(client);
        this.events = new PoolEvents(client, clock);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, BrokerPool>> prepareEventSources(
            EventSourceContext<BrokerPool> context) {
        return List.of(
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(StatefulSet.class, BrokerPool.class)
                                .withLabelSelector("app.kubernetes.io/part-of=millrace")
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(Stream.class, BrokerPool.class)
                                .withName("streams-of-the-pool")
                                .withSecondaryToPrimaryMapper(PoolReadings::poolOf)
                                .withOnUpdateFilter(PoolReadings::changed)
                                .build(),
                        context));
    }

    @Override
    public UpdateControl<BrokerPool> reconcile(BrokerPool pool, Context<BrokerPool> context) {
        if (PoolMetadata.isPaused(pool)) {
            BrokerPoolStatus paused = PoolStatuses.paused(pool, clock.instant());
            return paused.equals(pool.getStatus())
                    ? UpdateControl.noUpdate()
                    : UpdateControl.patchStatus(withStatus(pool, paused));
        }
        makeKeys(pool);
        apply(PoolObjects.serviceAccount(pool));
        apply(PoolObjects.settings(pool));
        apply(PoolServices.headless(pool));
        apply(PoolServices.kafka(pool));
        Service gateway = apply(PoolServices.gateway(pool));
        apply(PoolObjects.disruptionBudget(pool));
        Optional<String> missing = missingSecret(pool);
        Optional<StatefulSet> existing = existing(pool);
        if (missing.isPresent()) {
            // Brokers that run go on as they are: a lost Secret is no reason to stop them.
            return report(
                            pool,
                            existing,
                            new PoolStatuses.Seen(
                                    missing,
                                    nodePort(gateway),
                                    Optional.empty(),
                                    contents(pool, existing)))
                    .rescheduleAfter(LOOK_FOR_SECRET_AGAIN);
        }
        Optional<String> warning = Optional.empty();
        if (existing.isPresent()) {
            switch (volumes.reconcile(pool, existing.get())) {
                case VolumeGrowth.Outcome.Settled _ -> {}
                case VolumeGrowth.Outcome.Recreate _ -> {
                    events.tell(
                            pool,
                            false,
                            PoolReason.VolumesGrow,
                            "Volumes grow to " + pool.getSpec().storage().size());
                    return UpdateControl.<BrokerPool>noUpdate().rescheduleAfter(MAKE_AGAIN);
                }
                case VolumeGrowth.Outcome.Impossible(var message) -> warning = Optional.of(message);
            }
        }
        StatefulSet wanted = brokers.desired(pool);
        if (warning.isPresent()) {
            wanted.getSpec()
                    .setVolumeClaimTemplates(
                            existing.orElseThrow().getSpec().getVolumeClaimTemplates());
        }
        StatefulSet applied = apply(wanted);
        return report(
                pool,
                Optional.of(applied),
                new PoolStatuses.Seen(
                        missing, nodePort(gateway), warning, contents(pool, Optional.of(applied))));
    }

    @Override
    public ErrorStatusUpdateControl<BrokerPool> updateErrorStatus(
            BrokerPool pool, Context<BrokerPool> context, Exception e) {
        String message = message(e);
        events.tell(pool, true, PoolReason.ReconcileFailed, message);
        if (!isRefusal(e)) {
            return ErrorStatusUpdateControl.defaultErrorProcessing();
        }
        BrokerPoolStatus status = PoolStatuses.stalled(pool, message, clock.instant());
        return status.equals(pool.getStatus())
                ? ErrorStatusUpdateControl.defaultErrorProcessing()
                : ErrorStatusUpdateControl.patchStatus(withStatus(pool, status));
    }

    /** Whether the API server said no: it will go on to, until somebody changes something. */
    private static boolean isRefusal(Exception e) {
        return e instanceof KubernetesClientException refused
                && (refused.getCode() == HttpURLConnection.HTTP_BAD_REQUEST
                        || refused.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                        || refused.getCode() == UNPROCESSABLE);
    }

    private static String message(Exception e) {
        return e instanceof KubernetesClientException refused && refused.getStatus() != null
                ? refused.getStatus().getMessage()
                : String.valueOf(e.getMessage());
    }

    /** Keys are made once. What is there stays, so that clients' keys do not change under them. */
    private void makeKeys(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        makeKey(pool, names.operatorKeySecret());
        if (pool.getSpec().accessKeys().isEmpty()) {
            makeKey(pool, names.accessKeySecret());
        }
    }

    private void makeKey(BrokerPool pool, String secret) {
        if (!exists(pool, secret)) {
            client.resource(PoolObjects.accessKey(pool, secret, random)).create();
        }
    }

    /** A Secret that the pool needs, with what has to be in it. */
    private Optional<String> missingSecret(BrokerPool pool) {
        Optional<String> key =
                BrokerStatefulSet.clientKeys(pool).stream()
                        .filter(secret -> !has(pool, secret, PoolObjects.KEY_FIELDS))
                        .map(secret -> secret + " with accessKeyId and secretAccessKey")
                        .findFirst();
        return key.or(() ->
                Optional.ofNullable(pool.getSpec().gateway().tls())
                        .map(BrokerPoolSpec.Tls::secretName)
                        .filter(secret -> !has(pool, secret, TLS_FIELDS))
                        .map(secret -> secret + " with tls.crt and tls.key"));
    }

    private boolean exists(BrokerPool pool, String secret) {
        return secret(pool, secret) != null;
    }

    /** A pod whose volume lacks a key would not start, and say so only in its own Events. */
    private boolean has(BrokerPool pool, String name, Collection<String> fields) {
        Secret secret = secret(pool, name);
        return secret != null
                && secret.getData() != null
                && secret.getData().keySet().containsAll(fields);
    }

    private @Nullable Secret secret(BrokerPool pool, String name) {
        return client.secrets().inNamespace(pool.getMetadata().getNamespace()).withName(name).get();
    }

    private Optional<StatefulSet> existing(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        return Optional.ofNullable(
                client.apps()
                        .statefulSets()
                        .inNamespace(names.namespace())
                        .withName(names.statefulSet())
                        .get());
    }

    private <T extends HasMetadata> T apply(T object) {
        return client.resource(object)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(FIELD_MANAGER)
                                .withForce(true)
                                .build());
    }

    /** What is in the pool, as its gateways say; those of a pool that starts cannot. */
    private Optional<PoolStatuses.Contents> contents(
            BrokerPool pool, Optional<StatefulSet> brokers) {
        if (brokers.map(StatefulSet::getStatus).map(StatefulSetStatus::getReadyReplicas).orElse(0)
                == 0) {
            return Optional.empty();
        }
        PoolNames names = PoolNames.of(pool);
        return switch (controls.of(new PoolRef(names.namespace(), names.pool())).describePool()) {
            case ControlResult.Applied<PoolDescription>(PoolDescription description) ->
                    Optional.of(
                            new PoolStatuses.Contents(
                                    description.streamCount(),
                                    description.openShardCount(),
                                    description.brokers()));
            case ControlResult.Refused<PoolDescription> _ -> Optional.empty();
            case ControlResult.Unreachable<PoolDescription> _ -> Optional.empty();
        };
    }

    private static @Nullable Integer nodePort(Service gateway) {
        return gateway.getSpec().getPorts().getFirst().getNodePort();
    }

    private UpdateControl<BrokerPool> report(
            BrokerPool pool, Optional<StatefulSet> statefulSet, PoolStatuses.Seen seen) {
        BrokerPoolStatus status = PoolStatuses.of(pool, statefulSet, seen, clock.instant());
        tellChanges(pool, status);
        UpdateControl<BrokerPool> control =
                status.equals(pool.getStatus())
                        ? UpdateControl.noUpdate()
                        : UpdateControl.patchStatus(withStatus(pool, status));
        return status.conditions().stream()
                        .anyMatch(condition -> condition.type().equals(PoolVolumes.DISK_PRESSURE))
                ? control.rescheduleAfter(LOOK_AT_FULL_VOLUMES_AGAIN)
                : control;
    }

    /** Nothing but the status, so that applying it takes nothing of spec over. */
    private static BrokerPool withStatus(BrokerPool pool, BrokerPoolStatus status) {
        BrokerPool fresh = new BrokerPool();
        fresh.setMetadata(
                new ObjectMetaBuilder()
                        .withName(pool.getMetadata().getName())
                        .withNamespace(pool.getMetadata().getNamespace())
                        .build());
        fresh.setStatus(status);
        return fresh;
    }

    private void tellChanges(BrokerPool pool, BrokerPoolStatus status) {
        status.conditions().stream()
                .filter(condition -> TOLD_OF.contains(condition.type()))
                .filter(condition ->
                        PoolStatuses.conditionsOf(pool).stream()
                                .noneMatch(old ->
                                        old.type().equals(condition.type())
                                                && old.reason().equals(condition.reason())))
                .forEach(condition ->
                        events.tell(
                                pool,
                                condition.type().equals(PoolVolumes.DISK_PRESSURE)
                                        || condition
                                                .reason()
                                                .equals(PoolReason.SecretNotFound.name()),
                                PoolReason.valueOf(condition.reason()),
                                condition.message()));
        if (PoolVolumes.pressureOf(pool).isPresent()
                && status.conditions().stream()
                        .noneMatch(
                                condition -> condition.type().equals(PoolVolumes.DISK_PRESSURE))) {
            events.tell(
                    pool,
                    false,
                    PoolReason.VolumesHaveRoom,
                    "The volumes have room: the fullest is %s full".formatted(status.diskUsed()));
        }
    }
}
