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
 * How a request names its stream: by name, by ARN, or by both. Region and account of an ARN are not
 * looked at, so that one from elsewhere works here.
 */
public record StreamReference(Optional<String> name, Optional<String> arn) {

    private static final Pattern NAME = Pattern.compile(StreamName.PATTERN);
    private static final Pattern ARN = Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
    private static final Pattern NAME_IN_ARN = Pattern.compile(".*:stream/([a-zA-Z0-9_.-]{1,128})");
    private static final int ARN_LENGTH_MAX = 2048;

    public static StreamReference of(Input input) {
        return new StreamReference(input.string("StreamName"), input.string("StreamARN"));
    }

    /** Adds what is wrong with it. */
    public StreamReference check(Violations violations) {
        if (arn.isEmpty()) {
            violations.required("streamName", name);
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
                .pattern("streamARN", arn, ARN);
        return this;
    }

    public boolean isPresent() {
        return name.isPresent() || arn.isPresent();
    }

    /**
     * The name of the stream, once the violations are checked.
     *
     * @throws AwsException if name and ARN mean different streams
     */
    public StreamName resolve() {
        Optional<StreamName> byName = name.map(StreamName::new);
        Optional<StreamName> byArn = arn.map(StreamReference::nameIn);
        if (byName.isPresent() && byArn.isPresent() && !byName.equals(byArn)) {
            throw AwsException.invalidArgument(
                    "StreamName %s does not match StreamARN %s."
                            .formatted(name.orElse(""), arn.orElse("")));
        }
        return byName.or(() -> byArn).orElseThrow();
    }

    private static StreamName nameIn(String arn) {
        Matcher matcher = NAME_IN_ARN.matcher(arn);
        if (!matcher.matches()) {
            throw AwsException.invalidArgument("StreamARN " + arn + " is not that of a stream.");
        }
        return new StreamName(matcher.group(1));
    }
}
