/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStreamSpec;
import dev.millrace.crds.delivery.Destination;
import dev.millrace.crds.delivery.Processing;
import dev.millrace.crds.delivery.Reference;
import dev.millrace.crds.delivery.S3;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Secret that a DeliveryStream refers to.
 *
 * @param choices sets of keys of which one must be there
 */
record NeededSecret(String name, List<List<String>> choices) {

    private static final List<String> S3_KEY = List.of("accessKeyId", "secretAccessKey");
    private static final List<String> LOGIN = List.of("username", "password");

    NeededSecret {
        choices = List.copyOf(choices);
    }

    /** All that a spec refers to, in the order of the spec; a name may be there twice. */
    static List<NeededSecret> of(DeliveryStreamSpec spec) {
        List<NeededSecret> needed = new ArrayList<>();
        Destination destination = spec.destination();
        bucket(needed, destination.s3());
        if (destination.redshift() != null) {
            add(needed, destination.redshift().credentialsSecretRef(), LOGIN);
            bucket(needed, destination.redshift().s3());
        }
        if (destination.postgresql() != null) {
            add(needed, destination.postgresql().credentialsSecretRef(), LOGIN);
        }
        if (destination.opensearch() != null) {
            add(needed, destination.opensearch().credentialsSecretRef(), LOGIN, List.of("apiKey"));
            add(needed, destination.opensearch().caSecretRef(), List.of("ca.crt"));
        }
        if (destination.httpEndpoint() != null) {
            add(needed, destination.httpEndpoint().accessKeySecretRef(), List.of("accessKey"));
            add(needed, destination.httpEndpoint().caSecretRef(), List.of("ca.crt"));
        }
        if (destination.splunk() != null) {
            add(needed, destination.splunk().tokenSecretRef(), List.of("token"));
            add(needed, destination.splunk().caSecretRef(), List.of("ca.crt"));
        }
        if (destination.kafka() != null) {
            add(needed, destination.kafka().propertiesSecretRef(), List.of("client.properties"));
        }
        iceberg(needed, destination.iceberg());
        if (spec.processing() != null) {
            for (Processing.Processor processor : spec.processing().processors()) {
                add(needed, processor.tokenSecretRef(), List.of("token"));
            }
        }
        if (spec.backup() != null) {
            bucket(needed, spec.backup().s3());
        }
        return needed;
    }

    /** What is wrong with the Secret that was found, in words for the user. */
    Optional<String> complaint(@Nullable Secret found) {
        if (found == null) {
            return Optional.of(
                    "Secret %s with %s is not there; delivery goes on when it is made"
                            .formatted(name, choicesInWords()));
        }
        boolean complete =
                choices.stream()
                        .anyMatch(keys ->
                                found.getData() != null
                                        && found.getData().keySet().containsAll(keys));
        return complete
                ? Optional.empty()
                : Optional.of("Secret %s has no %s".formatted(name, choicesInWords()));
    }

    private String choicesInWords() {
        return choices.stream()
                .map(keys -> String.join(" and ", keys))
                .collect(Collectors.joining(", or "));
    }

    private static void iceberg(List<NeededSecret> needed, Destination.@Nullable Iceberg iceberg) {
        if (iceberg == null) {
            return;
        }
        add(needed, iceberg.catalog().credentialsSecretRef(), LOGIN, List.of("token"));
        if (iceberg.store() != null) {
            add(needed, iceberg.store().credentialsSecretRef(), S3_KEY);
        }
    }

    private static void bucket(List<NeededSecret> needed, @Nullable S3 s3) {
        if (s3 != null) {
            add(needed, s3.credentialsSecretRef(), S3_KEY);
        }
    }

    @SafeVarargs
    private static void add(
            List<NeededSecret> needed, @Nullable Reference reference, List<String>... choices) {
        if (reference != null) {
            needed.add(new NeededSecret(reference.name(), List.of(choices)));
        }
    }
}
