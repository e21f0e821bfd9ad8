/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.crds.Condition;
import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec.SourceType;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.shard.DeliveryStreamName;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the streams behind the inputs and outputs of an application, and the pool they live in. */
final class AnalyticsStreams {

    sealed interface Result {

        /**
         * All are there.
         *
         * @param inputs the names that Kinesis clients use, by the inputs' names
         * @param outputs the same for outputs
         */
        record Known(
                Map<String, String> inputs,
                Map<String, String> outputs,
                String pool,
                String bootstrapServers)
                implements Result {}

        /**
         * Something is not there.
         *
         * @param isFinal whether it helps only to change the application
         */
        record Missing(AnalyticsReason reason, String message, boolean isFinal) implements Result {}
    }

    private final KubernetesClient client;

    AnalyticsStreams(KubernetesClient client) {
        this.client = client;
    }

    Result find(AnalyticsApplication application) {
        String namespace = application.getMetadata().getNamespace();
        Set<String> pools = new LinkedHashSet<>();
        Map<String, String> inputs = new LinkedHashMap<>();
        for (AnalyticsApplicationSpec.Input input : application.getSpec().inputs()) {
            Optional<Stream> stream = get(Stream.class, namespace, input.streamRef().name());
            if (stream.isEmpty() || stream.get().getStatus() == null) {
                return missing(
                        AnalyticsReason.InputNotFound,
                        "Stream %s of the input %s is not there; the application goes on when it is"
                                .formatted(input.streamRef().name(), input.name()));
            }
            inputs.put(input.name(), stream.get().streamName());
            pools.add(pool(stream.get()));
        }
        Map<String, String> outputs = new LinkedHashMap<>();
        for (AnalyticsApplicationSpec.Output output : application.getSpec().outputs()) {
            Result found = output(namespace, output, outputs, pools);
            if (found instanceof Result.Missing) {
                return found;
            }
        }
        if (pools.size() > 1) {
            return new Result.Missing(
                    AnalyticsReason.InvalidArgument,
                    "Inputs and outputs live in several pools, "
                            + String.join(", ", pools)
                            + "; results are written together with the position, so it has to be one",
                    true);
        }
        return onPool(namespace, pools.iterator().next(), inputs, outputs);
    }

    private Result output(
            String namespace,
            AnalyticsApplicationSpec.Output output,
            Map<String, String> outputs,
            Set<String> pools) {
        if (output.streamRef() != null) {
            Optional<Stream> stream = get(Stream.class, namespace, output.streamRef().name());
            if (stream.isEmpty()) {
                return missing(
                        AnalyticsReason.OutputNotFound,
                        "Stream %s of the output %s is not there; the application goes on when it is"
                                .formatted(output.streamRef().name(), output.name()));
            }
            outputs.put(output.name(), stream.get().streamName());
            pools.add(pool(stream.get()));
            return new Result.Known(Map.of(), outputs, "", "");
        }
        if (output.table() != null) {
            // The runner looks for it, and says so where it is not there.
            return new Result.Known(Map.of(), outputs, "", "");
        }
        String name = Objects.requireNonNull(output.deliveryStreamRef()).name();
        Optional<DeliveryStream> delivery = get(DeliveryStream.class, namespace, name);
        if (delivery.isEmpty()) {
            return missing(
                    AnalyticsReason.OutputNotFound,
                    "DeliveryStream %s of the output %s is not there; the application goes on when it is"
                            .formatted(name, output.name()));
        }
        if (delivery.get().getSpec().source().type() != SourceType.DirectPut) {
            return new Result.Missing(
                    AnalyticsReason.InvalidArgument,
                    "DeliveryStream %s reads a Stream; write to that Stream".formatted(name),
                    true);
        }
        outputs.put(
                output.name(),
                new DeliveryStreamName(delivery.get().deliveryStreamName()).buffer().value());
        pools.add(delivery.get().getSpec().pool());
        return new Result.Known(Map.of(), outputs, "", "");
    }

    private Result onPool(
            String namespace,
            String name,
            Map<String, String> inputs,
            Map<String, String> outputs) {
        Optional<BrokerPoolStatus> status =
                get(BrokerPool.class, namespace, name).map(CustomResource::getStatus);
        Optional<String> servers = status.map(BrokerPoolStatus::bootstrapServers);
        boolean ready =
                status.map(BrokerPoolStatus::conditions).stream()
                        .flatMap(java.util.List::stream)
                        .anyMatch((Condition c) ->
                                c.type().equals("Ready") && c.status().equals("True"));
        return ready && servers.isPresent()
                ? new Result.Known(inputs, outputs, name, servers.get())
                : missing(
                        AnalyticsReason.PoolNotReady, "BrokerPool %s is not ready".formatted(name));
    }

    private static String pool(Stream stream) {
        return Objects.requireNonNullElse(stream.getSpec().pool(), "default");
    }

    private <T extends CustomResource<?, ?>> Optional<T> get(
            Class<T> type, String namespace, String name) {
        @Nullable T found = client.resources(type).inNamespace(namespace).withName(name).get();
        return Optional.ofNullable(found);
    }

    private static Result missing(AnalyticsReason reason, String message) {
        return new Result.Missing(reason, message, false);
    }
}
