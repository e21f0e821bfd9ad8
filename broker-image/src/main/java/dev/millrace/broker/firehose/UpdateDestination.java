/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Changes a destination: what the request leaves out stays as it is, and so does what of a
 * DeliveryStream resource has no word in the API. The kind of a destination does not change.
 */
public final class UpdateDestination implements Action {

    /** Parts that are merged in their turn, by what the request calls them. */
    private static final Map<String, String> MERGED =
            Map.of(
                    "S3Update", "S3Configuration",
                    "S3BackupUpdate", "S3BackupConfiguration");

    /** Parts that a request changes as a whole or not at all. */
    private static final List<String> PARTS =
            List.of("ProcessingConfiguration", "CompressionFormat");

    private final DeliveryStreams deliveryStreams;
    private final InstantSource clock;

    public UpdateDestination(DeliveryStreams deliveryStreams, InstantSource clock) {
        this.deliveryStreams = deliveryStreams;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        ObjectNode body = DeliveryStreams.body(call);
        Optional<String> version = DeliveryStreams.text(body, "CurrentDeliveryStreamVersionId");
        Optional<String> destination = DeliveryStreams.text(body, "DestinationId");
        new Violations()
                .required("currentDeliveryStreamVersionId", version)
                .required("destinationId", destination)
                .check();
        DeliveryStreams.Found found = deliveryStreams.findActive(DeliveryStreams.name(body));
        Definition before = found.definition();
        if (!version.orElseThrow().equals(Long.toString(before.version()))) {
            throw new AwsException(
                    ErrorCode.CONCURRENT_MODIFICATION,
                    "Cannot update firehose: %s since the current version id: %d and specified version id: %s do not match"
                            .formatted(found.name(), before.version(), version.get()));
        }
        if (!destination.orElseThrow().equals(DescribeDeliveryStream.DESTINATION_ID)) {
            throw AwsException.invalidArgument(
                    "Destination Id %s not found".formatted(destination.get()));
        }
        Definition.Aws aws =
                before.aws().orElseGet(() -> FromSpec.aws(before, deliveryStreams.streams()));
        ObjectNode config = merged(aws, body);
        if (config.equals(aws.config())) {
            return Answer.EMPTY;
        }
        ObjectNode spec = changed(before, aws, config);
        Unchangeable.check(before.spec(), spec);
        deliveryStreams.change(
                found,
                Definition.of(
                        spec,
                        new Definition.Aws(aws.kind(), config, aws.source()),
                        before.version() + 1,
                        clock.instant(),
                        before.tags()));
        return Answer.EMPTY;
    }

    /** What changes in the API's words is changed in spec. */
    private static ObjectNode changed(Definition before, Definition.Aws aws, ObjectNode config) {
        ObjectNode shown = aws.config().deepCopy();
        ObjectNode wanted = config.deepCopy();
        for (String part : PARTS) {
            if (shown.path(part).equals(wanted.path(part))) {
                // It may be of the resource, with what this API has no word for.
                shown.remove(part);
                wanted.remove(part);
            }
        }
        ObjectNode after = Translation.toSpec(aws.kind(), wanted);
        String kind = after.path("destination").fieldNames().next();
        if (!before.spec().path("destination").has(kind)) {
            throw AwsException.invalidArgument(
                    "The destination is none that this API knows; change the DeliveryStream resource.");
        }
        ObjectNode spec = before.spec().deepCopy();
        carry(Translation.toSpec(aws.kind(), shown), after, spec);
        return spec;
    }

    private static void carry(JsonNode before, JsonNode after, ObjectNode into) {
        Set<String> names = new TreeSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            JsonNode was = before.path(name);
            JsonNode is = after.path(name);
            if (is.isMissingNode()) {
                into.remove(name);
            } else if (was.isObject() && is.isObject() && into.path(name).isObject()) {
                carry(was, is, (ObjectNode) into.get(name));
            } else if (!is.equals(was)) {
                into.set(name, is);
            }
        }
    }

    private static ObjectNode merged(Definition.Aws aws, ObjectNode body) {
        List<String> given =
                Stream.concat(Translation.KINDS.stream(), Translation.ABSENT.stream())
                        .filter(kind -> body.path(kind + "DestinationUpdate").isObject())
                        .toList();
        if (given.size() != 1) {
            throw AwsException.invalidArgument(
                    "Exactly one destination configuration is supported for a Firehose");
        }
        boolean bothS3 = aws.kind().endsWith("S3") && given.getFirst().endsWith("S3");
        if (!bothS3 && !given.getFirst().equals(aws.kind())) {
            throw AwsException.invalidArgument(
                    "The destination is of kind %s, which cannot change to %s."
                            .formatted(aws.kind(), given.getFirst()));
        }
        ObjectNode config = aws.config().deepCopy();
        JsonNode update = body.path(given.getFirst() + "DestinationUpdate");
        Translation.checkHints(
                config.path("DynamicPartitioningConfiguration"), update.path("BufferingHints"));
        update.properties().forEach(field -> merge(config, field.getKey(), field.getValue()));
        return config;
    }

    private static void merge(ObjectNode config, String field, JsonNode value) {
        String nested = MERGED.get(field);
        if (nested == null) {
            config.set(field, value);
            return;
        }
        if (config.get(nested) instanceof ObjectNode inner) {
            value.properties().forEach(part -> inner.set(part.getKey(), part.getValue()));
        } else {
            config.set(nested, value);
        }
    }
}
