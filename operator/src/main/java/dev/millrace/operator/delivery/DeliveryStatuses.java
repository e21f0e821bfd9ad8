/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import static dev.millrace.operator.delivery.DeliveryConditions.DESTINATION;
import static dev.millrace.operator.delivery.DeliveryConditions.HEALTHY;
import static dev.millrace.operator.delivery.DeliveryConditions.READY;
import static dev.millrace.operator.delivery.DeliveryConditions.RECONCILING;
import static dev.millrace.operator.delivery.DeliveryConditions.SOURCE;
import static dev.millrace.operator.delivery.DeliveryConditions.STALLED;
import static dev.millrace.operator.delivery.DeliveryConditions.WARNING;

import dev.millrace.crds.Condition;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec;
import dev.millrace.crds.delivery.DeliveryStreamSpec.State;
import dev.millrace.crds.delivery.DeliveryStreamStatus;
import dev.millrace.crds.delivery.DeliveryStreamStatus.Delivery;
import dev.millrace.crds.delivery.DeliveryStreamStatus.Progress;
import dev.millrace.crds.delivery.Destination;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The next status of one DeliveryStream, from the one before and what was found. What is not known
 * now stays as it was last known. Figures that move all the time are written once a minute: each
 * write goes to everybody who watches. Pure.
 */
final class DeliveryStatuses {

    static final Duration FIGURES_EVERY = Duration.ofMinutes(1);

    /** Firehose has one destination, which it calls so. */
    private static final String DESTINATION_ID = "destinationId-000000000001";

    private final DeliveryStream stream;
    private final String arn;
    private final Optional<DeliveryStreamStatus> before;
    private final Instant now;
    private final DeliveryConditions conditions;

    DeliveryStatuses(DeliveryStream stream, String arn, Instant now) {
        this.stream = stream;
        this.arn = arn;
        this.before = Optional.ofNullable(stream.getStatus());
        this.now = now;
        this.conditions =
                new DeliveryConditions(
                        conditions(stream), stream.getMetadata().getGeneration(), now);
    }

    static List<Condition> conditions(DeliveryStream stream) {
        return stream.getStatus() == null ? List.of() : stream.getStatus().conditions();
    }

    /** Nothing is looked at while somebody holds the operator off. */
    DeliveryStreamStatus paused() {
        conditions
                .keepAll()
                .is(
                        DeliveryConditions.PAUSED,
                        true,
                        DeliveryReason.Paused,
                        "The annotation %s is \"true\"".formatted(DeliveryNames.PAUSE));
        return status(old(DeliveryStreamStatus::observedGeneration), old());
    }

    /** The API server said no, and will until somebody changes something. */
    DeliveryStreamStatus refused(String message) {
        return of(new Found.Stuck(DeliveryReason.ReconcileFailed, message));
    }

    DeliveryStreamStatus of(Found found) {
        Long generation = stream.getMetadata().getGeneration();
        return switch (found) {
            case Found.Waiting waiting -> {
                conditions.is(READY, false, waiting.reason(), waiting.message());
                conditions.is(RECONCILING, true, waiting.reason(), waiting.message());
                notKnown(waiting.reason(), waiting.message());
                yield status(generation, old().waiting(waiting));
            }
            case Found.Stuck stuck -> {
                conditions.is(READY, false, stuck.reason(), stuck.message());
                conditions.is(STALLED, true, stuck.reason(), stuck.message());
                notKnown(stuck.reason(), stuck.message());
                yield status(generation, old());
            }
            case Found.DeletedThroughApi _ -> {
                String message = "It was deleted through the API; its resource follows";
                conditions.is(READY, false, DeliveryReason.DeletedThroughApi, message);
                notKnown(DeliveryReason.DeletedThroughApi, message);
                yield status(generation, old());
            }
            case Found.Made made -> {
                made(made);
                yield status(generation, figures(made));
            }
        };
    }

    // --- conditions

    private void notKnown(DeliveryReason reason, String message) {
        boolean source =
                reason == DeliveryReason.SourceNotFound || reason == DeliveryReason.SourceNotReady;
        if (source) {
            conditions.is(SOURCE, false, reason, message);
        } else {
            conditions.unknown(SOURCE, reason, message);
        }
        conditions.unknown(DESTINATION, reason, message);
        conditions.unknown(HEALTHY, reason, message);
    }

    private void made(Found.Made made) {
        if (stream.getSpec().state() == State.Suspended) {
            String message = "spec.state is Suspended: nothing is delivered";
            // Or tools that wait would wait for ever.
            conditions.is(READY, true, DeliveryReason.Suspended, message);
            conditions.unknown(SOURCE, DeliveryReason.Suspended, message);
            conditions.unknown(DESTINATION, DeliveryReason.Suspended, message);
            conditions.unknown(HEALTHY, DeliveryReason.Suspended, message);
            return;
        }
        if (made.failing().isPresent()) {
            String message = "A worker ends: " + made.failing().get();
            conditions.is(READY, false, DeliveryReason.WorkersFail, message);
            conditions.is(STALLED, true, DeliveryReason.WorkersFail, message);
            reported(made.report(), DeliveryReason.WorkersFail, message);
            return;
        }
        DeploymentStatus status = statusOf(Optional.of(made.workers()));
        int wanted = stream.getSpec().replicas();
        int ready = orZero(status.getReadyReplicas());
        boolean current = DeliveryObjects.isCurrent(made.workers());
        boolean updated = current && orZero(status.getUpdatedReplicas()) >= wanted;
        String workers = "%d of %d workers are ready".formatted(ready, wanted);
        reported(made.report(), DeliveryReason.NotKnown, "No worker has said so yet");
        Optional<WorkerReport> report = made.report();
        if (ready == 0 || !current && before.isEmpty()) {
            conditions.is(READY, false, DeliveryReason.WorkersStarting, workers);
        } else if (report.flatMap(WorkerReport::sourceProblem).isPresent()) {
            conditions.is(
                    READY,
                    false,
                    DeliveryReason.SourceNotReady,
                    report.flatMap(WorkerReport::sourceProblem).get());
        } else if (report.flatMap(WorkerReport::destinationProblem).isPresent()) {
            conditions.is(
                    READY,
                    false,
                    DeliveryReason.DestinationUnreachable,
                    report.flatMap(WorkerReport::destinationProblem).get());
        } else {
            conditions.is(READY, true, DeliveryReason.Delivering, "Records are delivered");
        }
        if (!updated || ready < wanted) {
            conditions.is(
                    RECONCILING,
                    true,
                    updated ? DeliveryReason.WorkersStarting : DeliveryReason.WorkersUpdating,
                    workers);
        }
        report.map(WorkerReport::openShards)
                .filter(shards -> shards > 0 && shards < wanted)
                .ifPresent(shards ->
                        conditions.is(
                                WARNING,
                                true,
                                DeliveryReason.MoreWorkersThanShards,
                                "spec.replicas: %d workers for %d shards; the others have nothing to do"
                                        .formatted(wanted, shards)));
    }

    private void reported(Optional<WorkerReport> report, DeliveryReason otherwise, String message) {
        if (report.isEmpty()) {
            conditions.unknown(SOURCE, otherwise, message);
            conditions.unknown(DESTINATION, otherwise, message);
            conditions.unknown(HEALTHY, otherwise, message);
            return;
        }
        tell(
                SOURCE,
                report.get().sourceProblem(),
                DeliveryReason.SourceNotReady,
                DeliveryReason.Reading,
                "The source is read");
        tell(
                DESTINATION,
                report.get().destinationProblem(),
                DeliveryReason.DestinationUnreachable,
                DeliveryReason.Delivering,
                "The destination takes records");
        tell(
                HEALTHY,
                report.get().deliveryProblem(),
                DeliveryReason.DeliveryFails,
                DeliveryReason.Delivering,
                "Records are delivered");
    }

    private void tell(
            String type,
            Optional<String> problem,
            DeliveryReason reasonOfFalse,
            DeliveryReason reasonOfTrue,
            String message) {
        conditions.is(
                type,
                problem.isEmpty(),
                problem.isEmpty() ? reasonOfTrue : reasonOfFalse,
                problem.orElse(message));
    }

    // --- figures

    /** What of the status is not conditions, and can stay as it was. */
    private record Figures(
            @Nullable String versionId,
            @Nullable String configHash,
            @Nullable String definitionHash,
            @Nullable String pool,
            @Nullable String lastUpdateTimestamp,
            @Nullable String sourceStream,
            @Nullable Integer replicas,
            @Nullable Integer readyReplicas,
            @Nullable String freshness,
            @Nullable String measuredAt,
            @Nullable Progress source,
            @Nullable Delivery delivery) {

        Figures waiting(Found.Waiting waiting) {
            DeploymentStatus status = statusOf(waiting.workers());
            return new Figures(
                    versionId,
                    configHash,
                    waiting.source()
                            .map(DeliverySources.Result.Known::definitionHash)
                            .orElse(definitionHash),
                    waiting.source().map(source -> source.pool().name()).orElse(pool),
                    lastUpdateTimestamp,
                    sourceStream,
                    orZero(status.getReplicas()),
                    orZero(status.getReadyReplicas()),
                    freshness,
                    measuredAt,
                    source,
                    delivery);
        }
    }

    private Figures old() {
        return new Figures(
                old(DeliveryStreamStatus::versionId),
                old(DeliveryStreamStatus::configHash),
                old(DeliveryStreamStatus::definitionHash),
                old(DeliveryStreamStatus::pool),
                old(DeliveryStreamStatus::lastUpdateTimestamp),
                old(DeliveryStreamStatus::sourceStream),
                old(DeliveryStreamStatus::replicas),
                old(DeliveryStreamStatus::readyReplicas),
                old(DeliveryStreamStatus::freshness),
                old(DeliveryStreamStatus::measuredAt),
                old(DeliveryStreamStatus::source),
                old(DeliveryStreamStatus::delivery));
    }

    private Figures figures(Found.Made made) {
        Figures old = old();
        DeploymentStatus status = statusOf(Optional.of(made.workers()));
        Optional<WorkerReport> report = made.report().filter(_ -> isTimeForFigures(made));
        return new Figures(
                made.configuration().version(),
                made.configuration().hash(),
                made.source().definitionHash(),
                made.source().pool().name(),
                made.configuration().isNew() ? time(now) : old.lastUpdateTimestamp(),
                made.source().stream().value(),
                orZero(status.getReplicas()),
                orZero(status.getReadyReplicas()),
                report.map(DeliveryStatuses::freshness).orElse(old.freshness()),
                report.isPresent() ? time(now) : old.measuredAt(),
                report.map(DeliveryStatuses::progress).orElse(old.source()),
                report.map(DeliveryStatuses::delivery).orElse(old.delivery()));
    }

    private boolean isTimeForFigures(Found.Made made) {
        String measuredAt = old(DeliveryStreamStatus::measuredAt);
        boolean due =
                measuredAt == null || !now.isBefore(Instant.parse(measuredAt).plus(FIGURES_EVERY));
        // An idle delivery stream is not written to at all.
        boolean changed =
                made.report()
                        .filter(report ->
                                !(freshness(report).equals(old(DeliveryStreamStatus::freshness))
                                        && progress(report)
                                                .equals(old(DeliveryStreamStatus::source))
                                        && delivery(report)
                                                .equals(old(DeliveryStreamStatus::delivery))))
                        .isPresent();
        return due && changed;
    }

    private static Progress progress(WorkerReport report) {
        return new Progress(
                report.openShards(),
                report.assignedShards(),
                report.lagRecords(),
                report.millisBehindLatest());
    }

    private static Delivery delivery(WorkerReport report) {
        return new Delivery(
                report.deliveredRecords(),
                report.failedRecords(),
                report.expiredRecords(),
                report.lastSuccess().map(DeliveryStatuses::time).orElse(null),
                report.lastError().orElse(null));
    }

    /** Rounded so that a figure that hardly moves does not move. */
    static String freshness(WorkerReport report) {
        long seconds = Math.round(report.freshnessSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + "m";
        }
        return "%dh%dm".formatted(seconds / 3_600, seconds % 3_600 / 60);
    }

    private DeliveryStreamStatus status(@Nullable Long observed, Figures figures) {
        DeliveryStreamSpec spec = stream.getSpec();
        return new DeliveryStreamStatus(
                observed,
                deliveryStreamStatus(figures),
                arn,
                figures.versionId(),
                DESTINATION_ID,
                figures.configHash(),
                figures.definitionHash(),
                figures.pool(),
                figures.lastUpdateTimestamp(),
                spec.source().streamRef() == null
                        ? spec.source().type().name()
                        : "stream/" + spec.source().streamRef().name(),
                to(spec.destination()),
                figures.sourceStream(),
                figures.replicas(),
                figures.readyReplicas(),
                DeliveryNames.of(stream).selectorText(),
                figures.freshness(),
                figures.measuredAt(),
                figures.source(),
                figures.delivery(),
                conditions.list());
    }

    private String deliveryStreamStatus(Figures figures) {
        if (stream.isMarkedForDeletion()) {
            return "DELETING";
        }
        if (figures.versionId() == null) {
            return "CREATING";
        }
        return stream.getSpec().state() == State.Suspended ? "SUSPENDED" : "ACTIVE";
    }

    /** Where records go, for people: kind and place. */
    static String to(Destination destination) {
        if (destination.s3() != null) {
            String prefix = destination.s3().prefix();
            return "s3://%s/%s".formatted(destination.s3().bucket(), prefix == null ? "" : prefix);
        }
        if (destination.redshift() != null) {
            return "redshift " + destination.redshift().table();
        }
        if (destination.postgresql() != null) {
            return "postgresql " + destination.postgresql().table();
        }
        if (destination.opensearch() != null) {
            return "opensearch " + destination.opensearch().indexName();
        }
        if (destination.httpEndpoint() != null) {
            return destination.httpEndpoint().url();
        }
        if (destination.iceberg() != null) {
            return "iceberg " + destination.iceberg().tables().getFirst().table();
        }
        if (destination.splunk() != null) {
            return "splunk " + destination.splunk().hecEndpoint();
        }
        if (destination.stream() != null) {
            return "stream/" + destination.stream().streamRef().name();
        }
        return destination.kafka() == null ? "" : "kafka " + destination.kafka().topic();
    }

    private <T> @Nullable T old(Function<DeliveryStreamStatus, @Nullable T> field) {
        return before.isPresent() ? field.apply(before.get()) : null;
    }

    private static DeploymentStatus statusOf(Optional<Deployment> workers) {
        return workers.map(Deployment::getStatus).orElseGet(DeploymentStatus::new);
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
