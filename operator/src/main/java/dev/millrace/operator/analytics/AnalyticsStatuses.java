/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.crds.Condition;
import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec.State;
import dev.millrace.crds.analytics.AnalyticsApplicationStatus;
import dev.millrace.crds.analytics.AnalyticsApplicationStatus.ProposedSchema;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the status of an application. Figures that move are written once a minute at most. */
final class AnalyticsStatuses {

    static final String READY = "Ready";
    static final String CODE = "CodeValid";
    static final String INPUTS = "InputsReady";
    static final String OUTPUTS = "OutputsReady";
    private static final Duration FIGURES_EVERY = Duration.ofMinutes(1);

    private final AnalyticsApplication application;
    private final Optional<AnalyticsApplicationStatus> before;
    private final Instant now;
    private final List<Condition> conditions = new ArrayList<>();

    AnalyticsStatuses(AnalyticsApplication application, Instant now) {
        this.application = application;
        this.before = Optional.ofNullable(application.getStatus());
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    static Optional<Condition> find(AnalyticsApplicationStatus status, String type) {
        return status.conditions().stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /** Something is missing; a pod that runs goes on. */
    AnalyticsApplicationStatus missing(AnalyticsReason reason, String message, boolean isFinal) {
        set(READY, "False", reason, message);
        set(isFinal ? "Stalled" : "Reconciling", "True", reason, message);
        keep(CODE, "The SQL was not looked at yet");
        streams(reason, message);
        return status(
                before.map(AnalyticsApplicationStatus::applicationStatus).orElse("STARTING"),
                before.map(AnalyticsApplicationStatus::versionId).orElse(null),
                before.map(AnalyticsApplicationStatus::configHash).orElse(null),
                lastValid(Optional.empty(), ""),
                before.map(AnalyticsApplicationStatus::readyWorkers).orElse(null),
                Optional.empty());
    }

    /** Nothing is to run, and that is so, whatever else is missing. */
    AnalyticsApplicationStatus stopped(AnalyticsReason missing, String message) {
        set(
                READY,
                "True",
                AnalyticsReason.Stopped,
                "Nothing runs; the position is kept. To run it: " + message);
        keep(CODE, "The SQL was not looked at yet");
        streams(missing, message);
        return status(
                "STOPPED",
                before.map(AnalyticsApplicationStatus::versionId).orElse(null),
                before.map(AnalyticsApplicationStatus::configHash).orElse(null),
                lastValid(Optional.empty(), ""),
                before.map(AnalyticsApplicationStatus::readyWorkers).orElse(null),
                Optional.empty());
    }

    /** Inputs are looked for first, then outputs, then their pool, then all else. */
    private void streams(AnalyticsReason reason, String message) {
        switch (reason) {
            case InputNotFound -> {
                set(INPUTS, "False", reason, message);
                keep(OUTPUTS, "Inputs come first");
            }
            case OutputNotFound -> {
                set(INPUTS, "True", AnalyticsReason.StreamsReady, "All are there");
                set(OUTPUTS, "False", reason, message);
            }
            case PoolNotReady, InvalidArgument -> {
                set(INPUTS, "Unknown", reason, message);
                set(OUTPUTS, "Unknown", reason, message);
            }
            default -> {
                set(INPUTS, "True", AnalyticsReason.StreamsReady, "All are there");
                set(OUTPUTS, "True", AnalyticsReason.StreamsReady, "All are there");
            }
        }
    }

    /**
     * It has its pod.
     *
     * @param workers how many of them are ready; none if it has none
     * @param report what the runner says, if it answers
     * @param failing what a container said when it ended, if it ends again and again
     */
    AnalyticsApplicationStatus of(
            AnalyticsConfiguration configuration,
            String sql,
            Deployment pods,
            Optional<Integer> workers,
            Optional<RunnerReport> report,
            Optional<String> failing) {
        boolean stopped = application.getSpec().state() == State.Stopped;
        Optional<RunnerReport> current =
                report.filter(r -> r.version().equals(configuration.version()));
        set(INPUTS, current.flatMap(RunnerReport::inputProblem));
        set(OUTPUTS, current.flatMap(RunnerReport::outputProblem));
        code(current);
        Ready ready = withWorkers(ready(stopped, current, failing, pods), workers);
        set(READY, ready.isReady() ? "True" : "False", ready.reason(), ready.message());
        if (ready.moving()) {
            set("Reconciling", "True", ready.reason(), ready.message());
        }
        if (ready.reason() == AnalyticsReason.CodeRefused
                || ready.reason() == AnalyticsReason.ColumnsMissing
                || ready.reason() == AnalyticsReason.PodFails) {
            set("Stalled", "True", ready.reason(), ready.message());
        }
        return status(
                ready.state(),
                configuration.version(),
                configuration.hash(),
                lastValid(current, sql),
                workers.orElse(null),
                current);
    }

    private Ready withWorkers(Ready ready, Optional<Integer> workers) {
        int wanted = AnalyticsObjects.workers(application);
        return ready.isReady() && !ready.state().equals("STOPPED") && workers.orElse(0) < wanted
                ? new Ready(
                        true,
                        false,
                        ready.state(),
                        ready.reason(),
                        "%s; %d of %d workers are ready"
                                .formatted(ready.message(), workers.orElse(0), wanted))
                : ready;
    }

    private record Ready(
            boolean isReady,
            boolean moving,
            String state,
            AnalyticsReason reason,
            String message) {}

    private static Ready ready(
            boolean stopped,
            Optional<RunnerReport> report,
            Optional<String> failing,
            Deployment pods) {
        if (stopped) {
            return new Ready(
                    true,
                    false,
                    "STOPPED",
                    AnalyticsReason.Stopped,
                    "Nothing runs; the position is kept");
        }
        if (failing.isPresent()) {
            return new Ready(false, false, "STARTING", AnalyticsReason.PodFails, failing.get());
        }
        if (report.isEmpty()) {
            boolean first = pods.getStatus() == null || pods.getStatus().getReadyReplicas() == null;
            return new Ready(
                    false,
                    true,
                    first ? "STARTING" : "UPDATING",
                    first ? AnalyticsReason.PodStarting : AnalyticsReason.PodUpdating,
                    "The pod starts");
        }
        RunnerReport runner = report.get();
        if (runner.codeValid().filter(valid -> !valid).isPresent()) {
            boolean goesOn = runner.state().equals("RUNNING");
            return new Ready(
                    false,
                    false,
                    goesOn ? "RUNNING" : "READY",
                    AnalyticsReason.CodeRefused,
                    (goesOn ? "The SQL before it goes on; this one is refused: " : "")
                            + runner.codeMessage());
        }
        Optional<RunnerReport.Problem> missing =
                runner.inputProblem()
                        .filter(problem -> reason(problem) == AnalyticsReason.ColumnsMissing);
        if (missing.isPresent()) {
            return new Ready(
                    false, false, "READY", AnalyticsReason.ColumnsMissing, missing.get().message());
        }
        Optional<String> problem =
                runner.inputProblem()
                        .or(runner::outputProblem)
                        .or(runner::queryProblem)
                        .map(RunnerReport.Problem::text);
        if (!runner.state().equals("RUNNING")) {
            // Trino takes its time; that it does not answer yet is no failure.
            return new Ready(
                    false,
                    true,
                    "STARTING",
                    AnalyticsReason.PodStarting,
                    problem.map(text -> "Trino and the runner start; " + text)
                            .orElse("Trino and the runner start"));
        }
        return problem.isEmpty()
                ? new Ready(true, false, "RUNNING", AnalyticsReason.Running, "The SQL runs")
                : new Ready(false, true, "RUNNING", AnalyticsReason.QueryFails, problem.get());
    }

    private void code(Optional<RunnerReport> report) {
        Optional<Boolean> valid = report.flatMap(RunnerReport::codeValid);
        if (valid.isEmpty()) {
            keep(CODE, "The SQL was not looked at yet");
        } else if (valid.get()) {
            set(CODE, "True", AnalyticsReason.CodeAccepted, "Trino agrees to the SQL");
        } else {
            set(CODE, "False", AnalyticsReason.CodeRefused, report.orElseThrow().codeMessage());
        }
    }

    private @Nullable String lastValid(Optional<RunnerReport> report, String sql) {
        return report.flatMap(RunnerReport::codeValid).filter(valid -> valid).isPresent()
                ? sql
                : before.map(AnalyticsApplicationStatus::lastValidSql).orElse(null);
    }

    private static AnalyticsReason reason(RunnerReport.Problem problem) {
        return switch (problem.reason()) {
            case "ColumnsMissing" -> AnalyticsReason.ColumnsMissing;
            case "TableFailed" -> AnalyticsReason.TableFails;
            default -> AnalyticsReason.NotKnown;
        };
    }

    private void set(String type, Optional<RunnerReport.Problem> problem) {
        if (problem.isPresent()) {
            AnalyticsReason known = reason(problem.get());
            set(
                    type,
                    "False",
                    known != AnalyticsReason.NotKnown
                            ? known
                            : type.equals(INPUTS)
                                    ? AnalyticsReason.InputNotFound
                                    : AnalyticsReason.OutputNotFound,
                    problem.get().message());
        } else {
            set(type, "True", AnalyticsReason.StreamsReady, "All are there");
        }
    }

    private void keep(String type, String otherwise) {
        Optional<Condition> old = before.flatMap(status -> find(status, type));
        if (old.isPresent()) {
            conditions.add(old.get());
        } else {
            set(type, "Unknown", AnalyticsReason.NotKnown, otherwise);
        }
    }

    private void set(String type, String value, AnalyticsReason reason, String message) {
        Optional<Condition> old = before.flatMap(status -> find(status, type));
        String since =
                old.filter(condition -> condition.status().equals(value))
                        .map(Condition::lastTransitionTime)
                        .orElse(now.toString());
        conditions.add(
                new Condition(
                        type,
                        value,
                        reason.name(),
                        message,
                        since,
                        application.getMetadata().getGeneration()));
    }

    /** All as it is, and the pause. */
    AnalyticsApplicationStatus paused() {
        before.ifPresent(status ->
                status.conditions().stream()
                        .filter(condition -> !condition.type().equals("ReconciliationPaused"))
                        .forEach(conditions::add));
        set("ReconciliationPaused", "True", AnalyticsReason.Paused, "An annotation pauses it");
        return status(
                before.map(AnalyticsApplicationStatus::applicationStatus).orElse(null),
                before.map(AnalyticsApplicationStatus::versionId).orElse(null),
                before.map(AnalyticsApplicationStatus::configHash).orElse(null),
                before.map(AnalyticsApplicationStatus::lastValidSql).orElse(null),
                before.map(AnalyticsApplicationStatus::readyWorkers).orElse(null),
                Optional.empty());
    }

    private AnalyticsApplicationStatus status(
            @Nullable String state,
            @Nullable String version,
            @Nullable String hash,
            @Nullable String lastValidSql,
            @Nullable Integer readyWorkers,
            Optional<RunnerReport> report) {
        boolean figures =
                report.filter(r -> r.state().equals("RUNNING")).isPresent()
                        && before.map(AnalyticsApplicationStatus::measuredAt)
                                .map(Instant::parse)
                                .filter(at -> now.isBefore(at.plus(FIGURES_EVERY)))
                                .isEmpty();
        Optional<AnalyticsApplicationStatus> kept = figures ? Optional.empty() : before;
        Optional<RunnerReport> fresh = figures ? report : Optional.empty();
        return new AnalyticsApplicationStatus(
                application.getMetadata().getGeneration(),
                state,
                version,
                hash,
                lastValidSql,
                fresh.flatMap(RunnerReport::behindMillis)
                        .map(AnalyticsStatuses::rounded)
                        .or(() -> kept.map(AnalyticsApplicationStatus::behind))
                        .orElse(null),
                fresh.map(RunnerReport::rowsIn)
                        .or(() -> kept.map(AnalyticsApplicationStatus::rowsIn))
                        .orElse(null),
                fresh.map(RunnerReport::rowsOut)
                        .or(() -> kept.map(AnalyticsApplicationStatus::rowsOut))
                        .orElse(null),
                fresh.map(RunnerReport::lateRows)
                        .or(() -> kept.map(AnalyticsApplicationStatus::lateRows))
                        .orElse(null),
                fresh.map(RunnerReport::malformedRows)
                        .or(() -> kept.map(AnalyticsApplicationStatus::malformedRows))
                        .orElse(null),
                fresh.map(RunnerReport::stateBytes)
                        .or(() -> kept.map(AnalyticsApplicationStatus::stateBytes))
                        .orElse(null),
                readyWorkers,
                proposals(report),
                figures
                        ? now.toString()
                        : before.map(AnalyticsApplicationStatus::measuredAt).orElse(null),
                conditions);
    }

    /** Of inputs that have no columns yet: the newest guess; an adopted one stays as it is. */
    private List<ProposedSchema> proposals(Optional<RunnerReport> report) {
        Map<String, ProposedSchema> known = new TreeMap<>();
        before.ifPresent(status ->
                status.proposedSchemas()
                        .forEach(proposed -> known.put(proposed.input(), proposed)));
        report.ifPresent(runner ->
                runner.proposals().forEach(proposed -> known.put(proposed.input(), proposed)));
        return known.values().stream()
                .filter(proposed ->
                        application.getSpec().inputs().stream()
                                .anyMatch(input ->
                                        input.name().equals(proposed.input())
                                                && input.columns().isEmpty()))
                .toList();
    }

    private static String rounded(long millis) {
        Duration time = Duration.ofMillis(millis);
        return time.toHours() > 48
                ? time.toDays() + "d"
                : time.toMinutes() > 90
                        ? time.toHours() + "h"
                        : time.toSeconds() > 90 ? time.toMinutes() + "m" : time.toSeconds() + "s";
    }
}
