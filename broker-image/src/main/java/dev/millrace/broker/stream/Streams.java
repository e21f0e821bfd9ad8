/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamStatus;
import dev.millrace.shard.map.StreamView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The streams as actions see them: the shard map, with AWS's words for what is not there. */
public final class Streams {

    /** Behind this the caller's SDK would give up and try again anyway. */
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(20);

    private final ShardMapClient shardMap;
    private final Account account;

    public Streams(ShardMapClient shardMap, Account account) {
        this.shardMap = shardMap;
        this.account = account;
    }

    public Account account() {
        return account;
    }

    public String arnOf(StreamName name) {
        return account.arnOf(name);
    }

    public ShardMap map() {
        return shardMap.current();
    }

    /** The key that signs what clients carry for the service. */
    public byte[] tokenKey() {
        return shardMap.iteratorKey();
    }

    /**
     * @throws AwsException if there is no such stream
     */
    public StreamView find(StreamName name) {
        return map().stream(name).orElseThrow(() -> notFound(name));
    }

    /**
     * The stream that a request names.
     *
     * @throws AwsException if there is none, or if name, ARN and id do not mean the same one
     */
    public StreamView find(StreamReference reference) {
        Optional<StreamId> id = reference.id().map(StreamId::new);
        Optional<StreamName> name = reference.streamName();
        if (name.isEmpty()) {
            return byId(id.orElseThrow());
        }
        StreamView stream = find(name.get());
        if (id.isPresent() && !id.get().equals(stream.state().id())) {
            throw new AwsException(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "Stream %s under account %s has not the id %s."
                            .formatted(name.get(), account.id(), id.get().value()));
        }
        return stream;
    }

    private StreamView byId(StreamId id) {
        return map().stream(id)
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "Stream with id %s under account %s not found."
                                        .formatted(id.value(), account.id())));
    }

    /**
     * A stream that holds records: not one that is just being made or deleted.
     *
     * @throws AwsException if there is no such stream
     */
    public StreamView findUsable(StreamName name) {
        return usable(find(name));
    }

    /**
     * The stream that a request names, if it holds records.
     *
     * @throws AwsException if there is no such stream
     */
    public StreamView findUsable(StreamReference reference) {
        return usable(find(reference));
    }

    private StreamView usable(StreamView stream) {
        StreamStatus status = stream.state().status();
        if (status == StreamStatus.CREATING || status == StreamStatus.DELETING) {
            throw notFound(stream.state().name());
        }
        return stream;
    }

    /**
     * A shard id out of a request.
     *
     * @throws AwsException if it has not the form of one
     */
    public ShardId shardId(String text, StreamName stream) {
        try {
            return ShardId.parse(text);
        } catch (IllegalArgumentException _) {
            throw noShard(text, stream);
        }
    }

    public AwsException noShard(String shard, StreamName stream) {
        return new AwsException(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Could not find shard %s in stream %s under account %s."
                        .formatted(shard, stream, account.id()));
    }

    /**
     * Has a command decided and waits for it.
     *
     * @throws AwsException if it is refused
     */
    public void perform(Command command) throws InterruptedException {
        CommandResult result;
        try {
            result =
                    shardMap.submit(command).get(COMMAND_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new AwsException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "The shard map has no writer for now; try again.");
        } catch (ExecutionException e) {
            throw new IllegalStateException("Cannot decide " + command, e.getCause());
        }
        switch (result) {
            case CommandResult.Done _ -> {}
            case CommandResult.Refused(var reason, var message) ->
                    throw new AwsException(code(reason), message);
        }
    }

    private AwsException notFound(StreamName name) {
        return new AwsException(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Stream %s under account %s not found.".formatted(name, account.id()));
    }

    private static ErrorCode code(CommandResult.Reason reason) {
        return switch (reason) {
            case RESOURCE_IN_USE -> ErrorCode.RESOURCE_IN_USE;
            case RESOURCE_NOT_FOUND -> ErrorCode.RESOURCE_NOT_FOUND;
            case LIMIT_EXCEEDED -> ErrorCode.LIMIT_EXCEEDED;
            case INVALID_ARGUMENT -> ErrorCode.INVALID_ARGUMENT;
            case VALIDATION -> ErrorCode.VALIDATION;
        };
    }
}
