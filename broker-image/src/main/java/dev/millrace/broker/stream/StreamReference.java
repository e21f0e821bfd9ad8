/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a request names its stream: by name, by ARN, by id, or by several of them. Region and account
 * of an ARN are not looked at, so that one from elsewhere works here.
 */
public record StreamReference(Optional<String> name, Optional<String> arn, Optional<String> id) {

    private static final Pattern NAME = Pattern.compile(StreamName.PATTERN);
    private static final Pattern ARN = Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
    private static final Pattern NAME_IN_ARN = Pattern.compile(".*:stream/([a-zA-Z0-9_.-]{1,128})");
    private static final Pattern ID = Pattern.compile("[a-z0-9]{20}-[a-z0-9]{3}");
    private static final int ARN_LENGTH_MAX = 2048;
    private static final int ID_LENGTH_MAX = 24;

    public static StreamReference of(Input input) {
        return new StreamReference(
                input.string("StreamName"), input.string("StreamARN"), input.string("StreamId"));
    }

    /** Adds what is wrong with it. */
    public StreamReference check(Violations violations) {
        if (arn.isEmpty() && id.isEmpty()) {
            violations.required("streamName", name);
        }
        checkForm(violations);
        return this;
    }

    /** Adds what is wrong with it where an operation takes no name, only an ARN (or an id). */
    public StreamReference checkArn(Violations violations) {
        if (name.isEmpty() && id.isEmpty()) {
            violations.required("streamARN", arn);
        }
        checkForm(violations);
        return this;
    }

    /** Adds what is wrong with its form; it may be missing. */
    public StreamReference checkForm(Violations violations) {
        violations
                .length("streamName", name, 1, StreamName.LENGTH_MAX)
                .pattern("streamName", name, NAME)
                .length("streamARN", arn, 1, ARN_LENGTH_MAX)
                .pattern("streamARN", arn, ARN)
                .length("streamId", id, 1, ID_LENGTH_MAX)
                .pattern("streamId", id, ID);
        return this;
    }

    public boolean isPresent() {
        return name.isPresent() || arn.isPresent() || id.isPresent();
    }

    /**
     * The name of the stream, once the violations are checked; none where only its id is given.
     *
     * @throws AwsException if name and ARN mean different streams
     */
    Optional<StreamName> streamName() {
        Optional<StreamName> byName = name.map(StreamName::new);
        Optional<StreamName> byArn = arn.map(StreamReference::nameIn);
        if (byName.isPresent() && byArn.isPresent() && !byName.equals(byArn)) {
            throw AwsException.invalidArgument(
                    "StreamName %s does not match StreamARN %s."
                            .formatted(name.orElse(""), arn.orElse("")));
        }
        return byName.or(() -> byArn);
    }

    private static StreamName nameIn(String arn) {
        Matcher matcher = NAME_IN_ARN.matcher(arn);
        if (!matcher.matches()) {
            throw AwsException.invalidArgument("StreamARN " + arn + " is not that of a stream.");
        }
        return new StreamName(matcher.group(1));
    }
}
