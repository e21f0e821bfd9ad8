/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.StreamStatus;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The delivery streams as actions see them: those of the shard map, with Firehose's words. */
public final class DeliveryStreams {

    private static final Pattern NAME = Pattern.compile(DeliveryStreamName.PATTERN);
    private static final int PARSED_MAX = 1_000;

    private final Streams streams;

    /** By their text, as each put would otherwise parse one. */
    private final Map<String, Definition> parsed = new ConcurrentHashMap<>();

    public DeliveryStreams(Streams streams) {
        this.streams = streams;
    }

    /** A delivery stream and the stream that holds what is put into it. */
    record Found(DeliveryStreamName name, StreamView buffer, Definition definition) {

        StreamStatus status() {
            return buffer.state().status();
        }
    }

    Streams streams() {
        return streams;
    }

    String arnOf(DeliveryStreamName name) {
        return streams.account().arnOfDelivery(name.value());
    }

    /** The body as a tree. */
    static ObjectNode body(Call call) throws IOException {
        try {
            if (call.bodyLength() > 0
                    && Definition.JSON.readTree(call.body(), 0, call.bodyLength())
                            instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException _) {
            // Said below.
        }
        throw AwsException.serialization("");
    }

    /**
     * The name that a request must have.
     *
     * @throws AwsException if it is missing or not of the form
     */
    static DeliveryStreamName name(Optional<String> given) {
        new Violations()
                .required("deliveryStreamName", given)
                .length("deliveryStreamName", given, 1, DeliveryStreamName.LENGTH_MAX)
                .pattern("deliveryStreamName", given, NAME)
                .check();
        return new DeliveryStreamName(given.orElseThrow());
    }

    static DeliveryStreamName name(ObjectNode body) {
        return name(text(body, "DeliveryStreamName"));
    }

    /**
     * @throws AwsException if it is there and no text
     */
    static Optional<String> text(ObjectNode body, String field) {
        if (!body.has(field) || body.get(field).isNull()) {
            return Optional.empty();
        }
        if (!body.get(field).isTextual()) {
            throw AwsException.serialization(field + " can not be converted to an String");
        }
        return Optional.of(body.get(field).textValue());
    }

    /**
     * @throws AwsException if it is there and no number
     */
    static Optional<Long> number(ObjectNode body, String field) {
        if (!body.has(field) || body.get(field).isNull()) {
            return Optional.empty();
        }
        if (!body.get(field).isNumber()) {
            throw AwsException.serialization(field + " can not be converted to an Integer");
        }
        return Optional.of(body.get(field).longValue());
    }

    Optional<Found> lookUp(DeliveryStreamName name) {
        return streams.map().stream(name.buffer()).flatMap(stream -> found(name, stream));
    }

    /** All, in the order of their names. */
    List<Found> all() {
        return streams.map().streams().stream()
                .flatMap(stream ->
                        DeliveryStreamName.ofBuffer(stream.state().name())
                                .flatMap(name -> found(name, stream))
                                .stream())
                .toList();
    }

    private Optional<Found> found(DeliveryStreamName name, StreamView stream) {
        return stream.state()
                .settings()
                .delivery()
                .map(text -> new Found(name, stream, definition(text)));
    }

    private Definition definition(String text) {
        @Nullable Definition known = parsed.get(text);
        if (known != null) {
            return known;
        }
        if (parsed.size() >= PARSED_MAX) {
            parsed.clear();
        }
        Definition definition = Definition.parse(text);
        parsed.put(text, definition);
        return definition;
    }

    /**
     * @throws AwsException if there is none
     */
    Found find(DeliveryStreamName name) {
        return lookUp(name).orElseThrow(() -> notFound(name));
    }

    /**
     * One that is neither being made nor deleted.
     *
     * @throws AwsException if there is none
     */
    Found findActive(DeliveryStreamName name) {
        Found found = find(name);
        switch (found.status()) {
            case ACTIVE, UPDATING -> {
                return found;
            }
            case CREATING, DELETING ->
                    throw new AwsException(
                            ErrorCode.RESOURCE_IN_USE,
                            "Firehose %s is not active in %s account."
                                    .formatted(name, streams.account().id()));
        }
        throw new IllegalStateException("No status " + found.status());
    }

    /**
     * One that clients may put into.
     *
     * @throws AwsException if there is none, or if it reads a stream
     */
    Found findForPut(DeliveryStreamName name) {
        Found found = find(name);
        if (found.status() == StreamStatus.CREATING || found.status() == StreamStatus.DELETING) {
            throw notFound(name);
        }
        if (!found.definition().isDirectPut()) {
            throw AwsException.invalidArgument(
                    "This operation is not permitted on KinesisStreamAsSource delivery stream"
                            + " type.");
        }
        return found;
    }

    /**
     * One whose records are encrypted here, if at all; a stream has its own encryption.
     *
     * @throws AwsException if there is none
     */
    Found findForEncryption(DeliveryStreamName name) {
        Found found = findActive(name);
        if (!found.definition().isDirectPut()) {
            throw AwsException.invalidArgument(
                    "This operation is not permitted on KinesisStreamAsSource delivery stream"
                            + " type.");
        }
        return found;
    }

    /** Changes the key that records are encrypted with from now on. */
    void encrypt(Found found, Optional<String> keyId) throws InterruptedException {
        if (!found.buffer().state().settings().keyId().equals(keyId)) {
            streams.perform(
                    new Command.ChangeSetting(
                            found.name().buffer(), new SettingChange.Encryption(keyId)));
        }
    }

    /**
     * Has a change decided.
     *
     * @throws AwsException if somebody else was faster
     */
    void change(Found found, Definition changed) throws InterruptedException {
        if (changed.text().equals(found.definition().text())) {
            return;
        }
        streams.perform(
                new Command.ChangeSetting(
                        found.name().buffer(),
                        new SettingChange.Delivery(
                                Optional.of(found.definition().text()), changed.text())));
    }

    AwsException notFound(DeliveryStreamName name) {
        return new AwsException(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Firehose %s under account %s not found.".formatted(name, streams.account().id()));
    }
}
