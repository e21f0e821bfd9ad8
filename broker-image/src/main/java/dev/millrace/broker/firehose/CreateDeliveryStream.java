/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamSettings;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes a delivery stream: it is CREATING when this answers, and ACTIVE soon after. */
public final class CreateDeliveryStream implements Action {

    private enum Type {
        DirectPut,
        KinesisStreamAsSource,
        MSKAsSource,
        DatabaseAsSource
    }

    private static final String STREAM_ARN = ":stream/";

    private final DeliveryStreams deliveryStreams;
    private final DeliveryEncryption encryption;
    private final InstantSource clock;
    private final RandomGenerator random;

    public CreateDeliveryStream(
            DeliveryStreams deliveryStreams,
            RecordCipher cipher,
            InstantSource clock,
            RandomGenerator random) {
        this.deliveryStreams = deliveryStreams;
        this.encryption = new DeliveryEncryption(cipher);
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        ObjectNode body = DeliveryStreams.body(call);
        DeliveryStreamName name = DeliveryStreams.name(body);
        Optional<String> type = DeliveryStreams.text(body, "DeliveryStreamType");
        new Violations().oneOf("deliveryStreamType", type, Type.values()).check();
        Optional<String> keyId = keyId(body, type.orElse(Type.DirectPut.name()));
        Map<String, String> tags = Tags.of(body);
        Tags.checkCount(tags);
        String kind = kind(body);
        ObjectNode config = (ObjectNode) body.get(kind + "DestinationConfiguration");
        Translation.checkHints(
                config.path("DynamicPartitioningConfiguration"), config.path("BufferingHints"));
        ObjectNode spec = Translation.toSpec(kind, config);
        Optional<ObjectNode> source =
                source(body, Type.valueOf(type.orElse(Type.DirectPut.name())), spec);
        if (deliveryStreams.lookUp(name).isPresent()) {
            throw exists(name);
        }
        Definition definition =
                Definition.of(
                        spec, new Definition.Aws(kind, config, source), 1, clock.instant(), tags);
        try {
            deliveryStreams
                    .streams()
                    .perform(
                            new Command.CreateStream(
                                    name.buffer(),
                                    StreamId.random(random),
                                    1,
                                    StreamSettings.DEFAULT
                                            .withDelivery(Optional.of(definition.text()))
                                            .withKeyId(keyId)));
        } catch (AwsException e) {
            throw e.code() == ErrorCode.RESOURCE_IN_USE ? exists(name) : e;
        }
        return (out, _) -> out.writeStringField("DeliveryStreamARN", deliveryStreams.arnOf(name));
    }

    private Optional<String> keyId(ObjectNode body, String type) {
        if (!body.path(DeliveryEncryption.INPUT).isObject()) {
            return Optional.empty();
        }
        if (!type.equals(Type.DirectPut.name())) {
            throw AwsException.invalidArgument(
                    DeliveryEncryption.INPUT
                            + " is only permitted for DirectPut: a stream has its own encryption.");
        }
        return Optional.of(encryption.keyId(body));
    }

    private AwsException exists(DeliveryStreamName name) {
        return new AwsException(
                ErrorCode.RESOURCE_IN_USE,
                "Firehose %s under accountId %s already exists"
                        .formatted(name, deliveryStreams.streams().account().id()));
    }

    /** The one destination that a request has. */
    private static String kind(ObjectNode body) {
        List<String> given = new ArrayList<>();
        for (List<String> kinds : List.of(Translation.KINDS, Translation.ABSENT)) {
            for (String kind : kinds) {
                if (body.path(kind + "DestinationConfiguration").isObject()) {
                    given.add(kind);
                }
            }
        }
        if (given.size() != 1) {
            throw AwsException.invalidArgument(
                    "Exactly one destination configuration is supported for a Firehose");
        }
        if (Translation.ABSENT.contains(given.getFirst())) {
            throw AwsException.invalidArgument(
                    "%s is not offered as a destination.".formatted(given.getFirst()));
        }
        return given.getFirst();
    }

    /** Adds the source to spec; what the caller said of it, if it is a stream. */
    private Optional<ObjectNode> source(ObjectNode body, Type type, ObjectNode spec) {
        ObjectNode source = spec.putObject("source");
        switch (type) {
            case DirectPut -> {
                source.put("type", "DirectPut");
                return Optional.empty();
            }
            case KinesisStreamAsSource -> {
                if (!(body.get("KinesisStreamSourceConfiguration") instanceof ObjectNode given)) {
                    throw AwsException.invalidArgument(
                            "KinesisStreamSourceConfiguration must be given for KinesisStreamAsSource delivery stream type.");
                }
                source.put("type", "Stream");
                source.put("startingPosition", "LATEST");
                source.putObject("streamRef").put("name", streamOf(given).value());
                return Optional.of(given);
            }
            case MSKAsSource, DatabaseAsSource ->
                    throw AwsException.invalidArgument(type + " is not offered as a source.");
        }
        throw new IllegalStateException("No type " + type);
    }

    /** The stream, which must be there. */
    private StreamName streamOf(ObjectNode given) {
        String arn = given.path("KinesisStreamARN").asText("");
        int at = arn.lastIndexOf(STREAM_ARN);
        if (at < 0) {
            throw AwsException.invalidArgument("KinesisStreamARN is no ARN of a stream");
        }
        StreamName stream;
        try {
            stream = new StreamName(arn.substring(at + STREAM_ARN.length()));
        } catch (IllegalArgumentException _) {
            throw AwsException.invalidArgument("KinesisStreamARN is no ARN of a stream");
        }
        return deliveryStreams.streams().find(stream).state().name();
    }
}
