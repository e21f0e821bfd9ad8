/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.crds.Condition;
import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec;
import dev.millrace.crds.analytics.AnalyticsApplicationStatus;
import dev.millrace.crds.delivery.Reference;
import dev.millrace.operator.resource.ResourceEvents;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
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
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the pod of an application, then says how it does, as its runner says it.
 *
 * <p>Every object is applied whole and server-side each time. Where nothing changed the API server
 * writes nothing, so a second reconcile leaves no trace.
 */
@Singleton
@ControllerConfiguration(
        name = AnalyticsReconciler.NAME,
        // Not only spec matters: the annotation that pauses is not part of a generation.
        generationAwareEventProcessing = false,
        fieldManager = AnalyticsReconciler.FIELD_MANAGER,
        informer = @Informer(onUpdateFilter = AnalyticsUpdateFilter.class),
        maxReconciliationInterval =
                @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(
        initialInterval = 1_000,
        intervalMultiplier = 2,
        maxInterval = 30_000,
        maxAttempts = Integer.MAX_VALUE)
public final class AnalyticsReconciler implements Reconciler<AnalyticsApplication> {

    static final String NAME = "analyticsapplication";
    static final String FIELD_MANAGER = "millrace-operator";

    private static final int FAILS_AFTER_RESTARTS = 2;
    private static final Set<String> LOUD =
            Set.of(
                    AnalyticsReason.CodeRefused.name(),
                    AnalyticsReason.InputNotFound.name(),
                    AnalyticsReason.ColumnsMissing.name(),
                    AnalyticsReason.TableFails.name(),
                    AnalyticsReason.OutputNotFound.name(),
                    AnalyticsReason.SecretNotFound.name(),
                    AnalyticsReason.ConfigMapNotFound.name(),
                    AnalyticsReason.InvalidArgument.name(),
                    AnalyticsReason.PodFails.name(),
                    AnalyticsReason.QueryFails.name());

    private final KubernetesClient client;
    private final AnalyticsObjects objects;
    private final RunnerReports reports;
    private final InstantSource clock;
    private final AnalyticsTiming timing;
    private final AnalyticsStreams streams;
    private final ResourceEvents events;
    private final SecureRandom random = new SecureRandom();

    @Inject
    public AnalyticsReconciler(
            KubernetesClient client,
            AnalyticsObjects objects,
            RunnerReports reports,
            InstantSource clock,
            AnalyticsTiming timing) {
        this.client = client;
        this.objects = objects;
        this.reports = reports;
        this.clock = clock;
        this.timing = timing;
        this.streams = new AnalyticsStreams(client);
        this.events = new ResourceEvents(client, clock);
    }

    @Override
    public List<EventSource<?, AnalyticsApplication>> prepareEventSources(
            EventSourceContext<AnalyticsApplication> context) {
        return List.of(
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        Deployment.class, AnalyticsApplication.class)
                                .withLabelSelector(
                                        "app.kubernetes.io/part-of=millrace,app.kubernetes.io/component in (%s, %s)"
                                                .formatted(
                                                        AnalyticsNames.COMPONENT,
                                                        AnalyticsNames.WORKER_COMPONENT))
                                .build(),
                        context));
    }

    @Override
    public UpdateControl<AnalyticsApplication> reconcile(
            AnalyticsApplication application, Context<AnalyticsApplication> context) {
        AnalyticsStatuses statuses = new AnalyticsStatuses(application, clock.instant());
        if (AnalyticsNames.isPaused(application)) {
            return patch(application, statuses.paused());
        }
        AnalyticsApplicationStatus status = reconciled(application, statuses);
        tellChanges(application, status);
        boolean ready =
                AnalyticsStatuses.find(status, AnalyticsStatuses.READY)
                        .filter(condition -> condition.status().equals("True"))
                        .isPresent();
        return patch(application, status).rescheduleAfter(ready ? timing.idle() : timing.busy());
    }

    private AnalyticsApplicationStatus reconciled(
            AnalyticsApplication application, AnalyticsStatuses statuses) {
        AnalyticsStreams.Result found = streams.find(application);
        if (found
                instanceof
                AnalyticsStreams.Result.Missing(
                        AnalyticsReason reason,
                        String message,
                        boolean isFinal)) {
            return withoutAll(application, statuses, reason, message, isFinal);
        }
        AnalyticsStreams.Result.Known known = (AnalyticsStreams.Result.Known) found;
        Optional<String> sql = sql(application);
        if (sql.isEmpty()) {
            AnalyticsApplicationSpec.ConfigMapKey key = application.getSpec().sqlConfigMapRef();
            return withoutAll(
                    application,
                    statuses,
                    AnalyticsReason.ConfigMapNotFound,
                    "ConfigMap %s with the key %s is not there; the application starts when it is"
                            .formatted(key == null ? "" : key.name(), key == null ? "" : key.key()),
                    false);
        }
        Map<String, Map<String, String>> contents = new TreeMap<>();
        for (Reference reference : secrets(application.getSpec())) {
            @Nullable Secret secret =
                    client.secrets()
                            .inNamespace(application.getMetadata().getNamespace())
                            .withName(reference.name())
                            .get();
            if (secret == null) {
                return withoutAll(
                        application,
                        statuses,
                        AnalyticsReason.SecretNotFound,
                        "Secret %s is not there; the application starts when it is"
                                .formatted(reference.name()),
                        false);
            }
            contents.put(
                    reference.name(),
                    secret.getData() == null ? Map.of() : new TreeMap<>(secret.getData()));
        }
        return made(application, statuses, known, sql.get(), contents);
    }

    /** What runs goes on, unless it is to stop: that needs nothing else to be there. */
    private AnalyticsApplicationStatus withoutAll(
            AnalyticsApplication application,
            AnalyticsStatuses statuses,
            AnalyticsReason reason,
            String message,
            boolean isFinal) {
        if (application.getSpec().state() != AnalyticsApplicationSpec.State.Stopped) {
            return statuses.missing(reason, message, isFinal);
        }
        AnalyticsNames names = AnalyticsNames.of(application);
        for (String name : List.of(names.pods(), names.workers())) {
            Resource<Deployment> pods =
                    client.apps().deployments().inNamespace(names.namespace()).withName(name);
            @Nullable Deployment found = pods.get();
            if (found != null && !Integer.valueOf(0).equals(found.getSpec().getReplicas())) {
                pods.patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.JSON_MERGE)
                                .withFieldManager(FIELD_MANAGER)
                                .build(),
                        "{\"spec\": {\"replicas\": 0}}");
            }
        }
        return statuses.stopped(reason, message);
    }

    private AnalyticsApplicationStatus made(
            AnalyticsApplication application,
            AnalyticsStatuses statuses,
            AnalyticsStreams.Result.Known known,
            String sql,
            Map<String, Map<String, String>> contents) {
        AnalyticsConfiguration configuration = AnalyticsConfiguration.of(application, sql, known);
        apply(AnalyticsObjects.serviceAccount(application));
        apply(AnalyticsObjects.settings(application, configuration));
        String secretsHash = AnalyticsConfiguration.sha256(contents.toString());
        if (AnalyticsObjects.workers(application) > 0) {
            makeWorkersSecret(application);
        }
        Deployment pods = apply(objects.pods(application, configuration, secretsHash, known));
        Optional<Integer> workers = workers(application, secretsHash, known);
        List<Pod> running = pods(application);
        Optional<RunnerReport> report =
                running.stream()
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .flatMap(pod -> reports.of(pod).stream())
                        .findFirst();
        return statuses.of(
                configuration, sql, pods, workers, report, failing(running, configuration));
    }

    /**
     * The pods that share the work of the Trino in the pod.
     *
     * @return how many of them are ready; none if there are to be none
     */
    private Optional<Integer> workers(
            AnalyticsApplication application,
            String secretsHash,
            AnalyticsStreams.Result.Known known) {
        AnalyticsNames names = AnalyticsNames.of(application);
        if (AnalyticsObjects.workers(application) == 0) {
            // One that was never there costs a request, and only where it may be there.
            if (application.getStatus() != null && application.getStatus().readyWorkers() != null) {
                client.apps()
                        .deployments()
                        .inNamespace(names.namespace())
                        .withName(names.workers())
                        .delete();
                client.services().inNamespace(names.namespace()).withName(names.trino()).delete();
                client.secrets().inNamespace(names.namespace()).withName(names.trino()).delete();
            }
            return Optional.empty();
        }
        apply(AnalyticsObjects.trinoService(application));
        Deployment made = apply(objects.workers(application, secretsHash, known));
        return Optional.of(
                made.getStatus() == null || made.getStatus().getReadyReplicas() == null
                        ? 0
                        : made.getStatus().getReadyReplicas());
    }

    /** Who knows what is in it may join the cluster; it is made once. */
    private void makeWorkersSecret(AnalyticsApplication application) {
        AnalyticsNames names = AnalyticsNames.of(application);
        Resource<Secret> secret =
                client.secrets().inNamespace(names.namespace()).withName(names.trino());
        if (secret.get() == null) {
            client.resource(AnalyticsObjects.trinoSecret(application, random)).create();
        }
    }

    private Optional<String> sql(AnalyticsApplication application) {
        AnalyticsApplicationSpec spec = application.getSpec();
        if (spec.sql() != null) {
            return Optional.of(spec.sql());
        }
        AnalyticsApplicationSpec.ConfigMapKey key = spec.sqlConfigMapRef();
        if (key == null) {
            return Optional.empty();
        }
        @Nullable ConfigMap found =
                client.configMaps()
                        .inNamespace(application.getMetadata().getNamespace())
                        .withName(key.name())
                        .get();
        return Optional.ofNullable(found)
                .flatMap(map -> Optional.ofNullable(map.getData()))
                .flatMap(data -> Optional.ofNullable(data.get(key.key())));
    }

    private static List<Reference> secrets(AnalyticsApplicationSpec spec) {
        List<Reference> secrets = new ArrayList<>();
        spec.catalogs().forEach(catalog -> secrets.add(catalog.secretRef()));
        if (spec.engine() != null && spec.engine().credentialsSecretRef() != null) {
            secrets.add(spec.engine().credentialsSecretRef());
        }
        return secrets;
    }

    private List<Pod> pods(AnalyticsApplication application) {
        AnalyticsNames names = AnalyticsNames.of(application);
        return client.pods()
                .inNamespace(names.namespace())
                .withLabels(names.selector())
                .list()
                .getItems();
    }

    /** What a container of the newest configuration said when it ended, if it ends repeatedly. */
    private static Optional<String> failing(List<Pod> pods, AnalyticsConfiguration configuration) {
        return pods.stream()
                .filter(pod ->
                        configuration
                                .hash()
                                .equals(
                                        pod.getMetadata()
                                                .getAnnotations()
                                                .get(AnalyticsObjects.CONFIGURATION_HASH)))
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
                .map(terminated ->
                        container.getName()
                                + ": "
                                + (terminated.getMessage() == null
                                                || terminated.getMessage().isBlank()
                                        ? "%s, exit code %d"
                                                .formatted(
                                                        terminated.getReason(),
                                                        terminated.getExitCode())
                                        : terminated.getMessage().strip()));
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

    private void tellChanges(AnalyticsApplication application, AnalyticsApplicationStatus status) {
        Optional<AnalyticsApplicationStatus> old = Optional.ofNullable(application.getStatus());
        Optional<String> oldVersion = old.map(AnalyticsApplicationStatus::versionId);
        if (oldVersion.isPresent()
                && status.versionId() != null
                && !oldVersion.get().equals(status.versionId())) {
            events.tell(
                    application,
                    false,
                    AnalyticsReason.ConfigurationChanged,
                    "Version %s of the configuration goes to the pod; its position is kept"
                            .formatted(status.versionId()));
        }
        Optional<Condition> ready = AnalyticsStatuses.find(status, AnalyticsStatuses.READY);
        Optional<Condition> before =
                old.flatMap(s -> AnalyticsStatuses.find(s, AnalyticsStatuses.READY));
        if (ready.isPresent()
                && !before.map(Condition::reason).equals(ready.map(Condition::reason))) {
            events.tell(
                    application,
                    LOUD.contains(ready.get().reason()),
                    AnalyticsReason.valueOf(ready.get().reason()),
                    ready.get().message());
        }
    }

    @Override
    public ErrorStatusUpdateControl<AnalyticsApplication> updateErrorStatus(
            AnalyticsApplication application, Context<AnalyticsApplication> context, Exception e) {
        events.tell(
                application, true, AnalyticsReason.ReconcileFailed, String.valueOf(e.getMessage()));
        return ErrorStatusUpdateControl.defaultErrorProcessing();
    }

    private static UpdateControl<AnalyticsApplication> patch(
            AnalyticsApplication application, AnalyticsApplicationStatus status) {
        if (status.equals(application.getStatus())) {
            return UpdateControl.noUpdate();
        }
        // A fresh object: one with a spec would make the operator the owner of the user's fields.
        AnalyticsApplication fresh = new AnalyticsApplication();
        fresh.setMetadata(
                new ObjectMetaBuilder()
                        .withName(application.getMetadata().getName())
                        .withNamespace(application.getMetadata().getNamespace())
                        .build());
        fresh.setStatus(status);
        return UpdateControl.patchStatus(fresh);
    }
}
