/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.Condition;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamStatus;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.resource.ResourceEvents;
import dev.millrace.operator.stream.PoolDefaults;
import dev.millrace.operator.stream.StreamCommons;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
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
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the workers of a DeliveryStream, then says how they do, as they say it themselves.
 *
 * <p>Every object is applied whole and server-side each time. Where nothing changed the API server
 * writes nothing, so a second reconcile leaves no trace.
 */
@Singleton
@ControllerConfiguration(
        name = DeliveryReconciler.NAME,
        // Not only spec matters: the annotation that pauses is not part of a generation.
        generationAwareEventProcessing = false,
        fieldManager = DeliveryReconciler.FIELD_MANAGER,
        informer = @Informer(onUpdateFilter = DeliveryUpdateFilter.class),
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(
        initialInterval = 1_000,
        intervalMultiplier = 2,
        maxInterval = 30_000,
        maxAttempts = Integer.MAX_VALUE)
public final class DeliveryReconciler implements Reconciler<DeliveryStream> {

    static final String NAME = "deliverystream";
    static final String FIELD_MANAGER = "millrace-operator";

    private static final int UNPROCESSABLE = 422;
    private static final int FAILS_AFTER_RESTARTS = 2;
    private static final Set<String> LOUD =
            Set.of(
                    DeliveryReason.SecretNotFound.name(),
                    DeliveryReason.SourceNotFound.name(),
                    DeliveryReason.SourceNotReady.name(),
                    DeliveryReason.DestinationUnreachable.name(),
                    DeliveryReason.NameTaken.name(),
                    DeliveryReason.InvalidArgument.name(),
                    DeliveryReason.WorkersFail.name());

    private final KubernetesClient client;
    private final DeliveryCommons commons;
    private final DeliverySources sources;
    private final ResourceEvents events;
    private final WorkerReports reports;

    @Inject
    public DeliveryReconciler(
            KubernetesClient client,
            PoolControls controls,
            PoolDefaults poolDefaults,
            WorkerReports reports,
            StreamCommons streams,
            DeliveryCommons commons) {
        this(client, controls, poolDefaults, reports, streams::streamsOf, commons);
    }

    DeliveryReconciler(
            KubernetesClient client,
            PoolControls controls,
            PoolDefaults poolDefaults,
            WorkerReports reports,
            DeliverySources.PoolLists lists,
            DeliveryCommons commons) {
        this.client = client;
        this.commons = commons;
        this.reports = reports;
        this.events = new ResourceEvents(client, commons.clock());
        this.sources =
                new DeliverySources(client, controls, poolDefaults, events, lists, commons.clock());
    }

    @Override
    public List<EventSource<?, DeliveryStream>> prepareEventSources(
            EventSourceContext<DeliveryStream> context) {
        DeliveryIndex index = commons.index();
        index.over(context.getPrimaryCache());
        return List.of(
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        Deployment.class, DeliveryStream.class)
                                .withLabelSelector(
                                        "app.kubernetes.io/part-of=millrace,app.kubernetes.io/component="
                                                + DeliveryNames.COMPONENT)
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(Stream.class, DeliveryStream.class)
                                .withName("sources-of-deliveries")
                                .withSecondaryToPrimaryMapper(stream ->
                                        index.ofSource(
                                                stream.getMetadata().getNamespace(),
                                                stream.getMetadata().getName()))
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        BrokerPool.class, DeliveryStream.class)
                                .withName("pools-of-deliveries")
                                .withSecondaryToPrimaryMapper(pool ->
                                        index.ofPool(
                                                pool.getMetadata().getNamespace(),
                                                pool.getMetadata().getName()))
                                .build(),
                        context));
    }

    @Override
    public UpdateControl<DeliveryStream> reconcile(
            DeliveryStream stream, Context<DeliveryStream> context) {
        if (DeliveryNames.isPaused(stream)) {
            return patch(stream, statuses(stream).paused());
        }
        if (commons.needsFinalizer(stream) && !stream.hasFinalizer(DeliveryNames.FINALIZER)) {
            // It is on its way, and wakes us: a buffer made before it could be left behind.
            return UpdateControl.noUpdate();
        }
        Found found = find(stream);
        if (found instanceof Found.DeletedThroughApi) {
            events.tell(
                    stream,
                    false,
                    DeliveryReason.DeletedThroughApi,
                    "It was deleted through the API; its resource follows");
            // Only this version: somebody who edits it at this moment wants to keep it.
            client.resource(stream).lockResourceVersion().delete();
            return UpdateControl.noUpdate();
        }
        DeliveryStreamStatus status = statuses(stream).of(found);
        tellChanges(stream, found, status);
        return patch(stream, status).rescheduleAfter(again(found, status));
    }

    private DeliveryStatuses statuses(DeliveryStream stream) {
        return new DeliveryStatuses(
                stream, commons.arn(stream.deliveryStreamName()), commons.clock().instant());
    }

    private Found find(DeliveryStream stream) {
        Optional<DeliveryStream> rival = commons.index().rival(stream);
        if (rival.isPresent()) {
            return new Found.Stuck(
                    DeliveryReason.NameTaken,
                    "The DeliveryStream %s has the name %s"
                            .formatted(
                                    rival.get().getMetadata().getName(),
                                    stream.deliveryStreamName()));
        }
        return switch (sources.find(stream)) {
            case DeliverySources.Result.Not(Found why) -> withWorkers(stream, why);
            case DeliverySources.Result.Known known -> make(stream, known);
        };
    }

    /** Workers that run go on as they are: something lost is no reason to stop them. */
    private Found withWorkers(DeliveryStream stream, Found found) {
        return found instanceof Found.Waiting waiting
                ? new Found.Waiting(
                        waiting.reason(), waiting.message(), existing(stream), waiting.source())
                : found;
    }

    private Found make(DeliveryStream stream, DeliverySources.Result.Known source) {
        TreeMap<String, Map<String, String>> contents = new TreeMap<>();
        for (NeededSecret needed : NeededSecret.of(stream.getSpec())) {
            @Nullable Secret secret =
                    client.secrets()
                            .inNamespace(stream.getMetadata().getNamespace())
                            .withName(needed.name())
                            .get();
            Optional<String> complaint = needed.complaint(secret);
            if (complaint.isPresent()) {
                return new Found.Waiting(
                        DeliveryReason.SecretNotFound,
                        complaint.get(),
                        existing(stream),
                        Optional.of(source));
            }
            if (secret != null && secret.getData() != null) {
                contents.put(needed.name(), new TreeMap<>(secret.getData()));
            }
        }
        DeliveryConfiguration configuration =
                DeliveryConfiguration.of(stream, source.stream(), contents);
        apply(DeliveryObjects.serviceAccount(stream));
        apply(DeliveryObjects.settings(stream, configuration));
        apply(DeliveryObjects.disruptionBudget(stream));
        Deployment workers =
                apply(
                        commons.objects()
                                .workers(
                                        stream,
                                        configuration,
                                        DeliveryConfiguration.sha256(contents.toString()),
                                        source.pool(),
                                        source.bootstrapServers()));
        List<Pod> pods = pods(stream);
        return new Found.Made(
                configuration,
                source,
                workers,
                WorkerReport.together(reports.of(pods)),
                failing(pods, workers));
    }

    private List<Pod> pods(DeliveryStream stream) {
        DeliveryNames names = DeliveryNames.of(stream);
        return client.pods()
                .inNamespace(names.namespace())
                .withLabels(names.selector())
                .list()
                .getItems();
    }

    /** What a worker of the newest configuration said when it ended, if it ends again and again. */
    private static Optional<String> failing(List<Pod> pods, Deployment workers) {
        String newest = configurationOf(workers.getSpec().getTemplate().getMetadata());
        return pods.stream()
                .filter(pod -> configurationOf(pod.getMetadata()).equals(newest))
                .filter(pod -> pod.getStatus() != null)
                .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                .filter(container ->
                        !Boolean.TRUE.equals(container.getReady())
                                && container.getRestartCount() != null
                                && container.getRestartCount() >= FAILS_AFTER_RESTARTS)
                .flatMap(container -> lastWords(container).stream())
                .findFirst();
    }

    private static Optional<String> lastWords(ContainerStatus container) {
        return Optional.ofNullable(container.getLastState())
                .flatMap(state -> Optional.ofNullable(state.getTerminated()))
                .map(DeliveryReconciler::lastWords);
    }

    private static String lastWords(ContainerStateTerminated terminated) {
        String said = terminated.getMessage();
        return said == null || said.isBlank()
                ? "%s, exit code %d".formatted(terminated.getReason(), terminated.getExitCode())
                : said.strip();
    }

    private static String configurationOf(
            io.fabric8.kubernetes.api.model.@Nullable ObjectMeta metadata) {
        return metadata == null || metadata.getAnnotations() == null
                ? ""
                : metadata.getAnnotations().getOrDefault(DeliveryObjects.CONFIGURATION_HASH, "");
    }

    private Optional<Deployment> existing(DeliveryStream stream) {
        DeliveryNames names = DeliveryNames.of(stream);
        return Optional.ofNullable(
                client.apps()
                        .deployments()
                        .inNamespace(names.namespace())
                        .withName(names.workers())
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

    private Duration again(Found found, DeliveryStreamStatus status) {
        boolean moving =
                !(found instanceof Found.Made)
                        || DeliveryConditions.find(
                                        status.conditions(), DeliveryConditions.RECONCILING)
                                .isPresent();
        return moving ? commons.timing().busy() : commons.timing().idle();
    }

    private void tellChanges(DeliveryStream stream, Found found, DeliveryStreamStatus status) {
        if (found instanceof Found.Made made
                && made.configuration().isNew()
                && stream.getStatus() != null
                && stream.getStatus().versionId() != null) {
            events.tell(
                    stream,
                    false,
                    DeliveryReason.ConfigurationChanged,
                    "Version %s of the configuration goes to the workers"
                            .formatted(made.configuration().version()));
        }
        Optional<Condition> ready =
                DeliveryConditions.find(status.conditions(), DeliveryConditions.READY);
        Optional<Condition> before =
                DeliveryConditions.find(
                        DeliveryStatuses.conditions(stream), DeliveryConditions.READY);
        if (ready.isPresent()
                && !before.map(Condition::reason).equals(ready.map(Condition::reason))) {
            events.tell(
                    stream,
                    LOUD.contains(ready.get().reason()),
                    DeliveryReason.valueOf(ready.get().reason()),
                    ready.get().message());
        }
    }

    @Override
    public ErrorStatusUpdateControl<DeliveryStream> updateErrorStatus(
            DeliveryStream stream, Context<DeliveryStream> context, Exception e) {
        String message =
                e instanceof KubernetesClientException refused && refused.getStatus() != null
                        ? refused.getStatus().getMessage()
                        : String.valueOf(e.getMessage());
        events.tell(stream, true, DeliveryReason.ReconcileFailed, message);
        if (!isRefusal(e)) {
            return ErrorStatusUpdateControl.defaultErrorProcessing();
        }
        DeliveryStreamStatus status = statuses(stream).refused(message);
        return status.equals(stream.getStatus())
                ? ErrorStatusUpdateControl.defaultErrorProcessing()
                : ErrorStatusUpdateControl.patchStatus(withStatus(stream, status));
    }

    /** Whether the API server said no: it will go on to, until somebody changes something. */
    private static boolean isRefusal(Exception e) {
        return e instanceof KubernetesClientException refused
                && (refused.getCode() == HttpURLConnection.HTTP_BAD_REQUEST
                        || refused.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                        || refused.getCode() == UNPROCESSABLE);
    }

    private static UpdateControl<DeliveryStream> patch(
            DeliveryStream stream, DeliveryStreamStatus status) {
        return status.equals(stream.getStatus())
                ? UpdateControl.noUpdate()
                : UpdateControl.patchStatus(withStatus(stream, status));
    }

    /** A fresh object: one with a spec would make the operator the owner of the user's fields. */
    private static DeliveryStream withStatus(DeliveryStream stream, DeliveryStreamStatus status) {
        DeliveryStream fresh = new DeliveryStream();
        fresh.setMetadata(
                new ObjectMetaBuilder()
                        .withName(stream.getMetadata().getName())
                        .withNamespace(stream.getMetadata().getNamespace())
                        .build());
        fresh.setStatus(status);
        return fresh;
    }
}
