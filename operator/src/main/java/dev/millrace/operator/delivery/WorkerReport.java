/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.crds.delivery.DeliveryStreamStatus.LastError;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What workers say of themselves; of several it is what they say together. */
public record WorkerReport(
        int openShards,
        int assignedShards,
        long lagRecords,
        long millisBehindLatest,
        double freshnessSeconds,
        long deliveredRecords,
        long failedRecords,
        long expiredRecords,
        Optional<Instant> lastSuccess,
        Optional<LastError> lastError,
        Optional<String> sourceProblem,
        Optional<String> destinationProblem,
        Optional<String> deliveryProblem) {

    static WorkerReport parse(JsonNode json) {
        JsonNode source = json.path("source");
        JsonNode delivery = json.path("delivery");
        JsonNode error = delivery.path("lastError");
        return new WorkerReport(
                source.path("openShards").asInt(),
                source.path("assigned").asInt(),
                source.path("lagRecords").asLong(),
                source.path("millisBehindLatest").asLong(),
                delivery.path("freshnessSeconds").asDouble(),
                delivery.path("deliveredRecords").asLong(),
                delivery.path("failedRecords").asLong(),
                delivery.path("expiredRecords").asLong(),
                delivery.path("lastSuccessTime").isTextual()
                        ? Optional.of(Instant.parse(delivery.path("lastSuccessTime").asText()))
                        : Optional.empty(),
                error.isObject()
                        ? Optional.of(
                                new LastError(
                                        error.path("code").asText(),
                                        error.path("message").asText(),
                                        error.path("time").asText()))
                        : Optional.empty(),
                problem(json, "SourceReady"),
                problem(json, "DestinationReachable"),
                problem(json, "DeliveryHealthy"));
    }

    private static Optional<String> problem(JsonNode json, String type) {
        for (JsonNode condition : json.path("conditions")) {
            if (condition.path("type").asText().equals(type)
                    && condition.path("status").asText().equals("False")) {
                return Optional.of(
                        condition.path("reason").asText()
                                + ": "
                                + condition.path("message").asText());
            }
        }
        return Optional.empty();
    }

    /** What all of them say: sums, the worst, and the latest. */
    static Optional<WorkerReport> together(Collection<WorkerReport> reports) {
        return reports.stream().reduce(WorkerReport::and);
    }

    private WorkerReport and(WorkerReport other) {
        return new WorkerReport(
                Math.max(openShards, other.openShards),
                assignedShards + other.assignedShards,
                lagRecords + other.lagRecords,
                Math.max(millisBehindLatest, other.millisBehindLatest),
                Math.max(freshnessSeconds, other.freshnessSeconds),
                deliveredRecords + other.deliveredRecords,
                failedRecords + other.failedRecords,
                expiredRecords + other.expiredRecords,
                latest(lastSuccess, other.lastSuccess, Comparator.naturalOrder()),
                latest(lastError, other.lastError, Comparator.comparing(LastError::time)),
                sourceProblem.or(other::sourceProblem),
                destinationProblem.or(other::destinationProblem),
                deliveryProblem.or(other::deliveryProblem));
    }

    private static <T> Optional<T> latest(
            Optional<T> one, Optional<T> other, Comparator<T> comparator) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        return comparator.compare(one.get(), other.get()) >= 0 ? one : other;
    }
}
