/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.authorization;

import dev.millrace.broker.access.Caller;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.consumer.Registered;
import dev.millrace.broker.policy.Access;
import dev.millrace.broker.policy.MalformedPolicyException;
import dev.millrace.broker.policy.Policy;
import dev.millrace.broker.policy.Policy.Verdict;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges requests as AWS does within one account: what any policy denies is denied; else one that
 * allows it is enough, be it the access key's or the stream's.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html">Policy
 *     evaluation logic</a>
 */
public final class Permissions {

    private static final int PARSED_MAX = 1_000;

    private final Streams streams;

    /** The policies of streams by their text, as parsing them for each request would be slow. */
    private final Map<String, Policy> parsed = new ConcurrentHashMap<>();

    private volatile @Nullable Scan lastScan;

    /** Whether anything of a map has a policy. */
    private record Scan(ShardMap map, boolean anyPolicy) {}

    public Permissions(Streams streams) {
        this.streams = streams;
    }

    /**
     * @param action the operation as policies name it, such as {@code kinesis:PutRecord}
     * @throws AwsException if the caller may not do it to all that the request names
     */
    public void check(String action, Call call) throws IOException {
        Caller caller = call.caller();
        if (caller.role() == Role.OPERATOR || mayDoAll(caller)) {
            return;
        }
        for (NamedResource resource : NamedResource.in(call, streams)) {
            check(caller, action, resource);
        }
    }

    /** The common case, which costs no look into the request. */
    private boolean mayDoAll(Caller caller) {
        return caller.policy().equals(Policy.FULL_ACCESS) && !anyPolicy();
    }

    private boolean anyPolicy() {
        ShardMap map = streams.map();
        Scan scan = lastScan;
        if (scan == null || scan.map() != map) {
            boolean any =
                    map.streams().stream().anyMatch(stream -> hasPolicy(stream.state()))
                            || map.queues().stream().anyMatch(queue -> queue.policy().isPresent());
            scan = new Scan(map, any);
            lastScan = scan;
        }
        return scan.anyPolicy();
    }

    private static boolean hasPolicy(StreamState stream) {
        return stream.settings().policy().isPresent()
                || stream.consumers().stream().anyMatch(consumer -> consumer.policy().isPresent());
    }

    /** A consumer or queue has a policy of its own; that of its stream is not about it. */
    private Optional<String> policyOf(NamedResource resource) {
        if (resource.queue().isPresent()) {
            return resource.queue().flatMap(streams.map()::queue).flatMap(QueueDefinition::policy);
        }
        return resource.consumer().isPresent()
                ? resource.consumer()
                        .flatMap(arn -> Registered.find(arn, streams))
                        .flatMap(registered -> registered.consumer().policy())
                : resource.stream()
                        .flatMap(name -> streams.map().stream(name))
                        .flatMap(stream -> stream.state().settings().policy());
    }

    private void check(Caller caller, String action, NamedResource resource) {
        String account = streams.account().id();
        String principal = "arn:aws:iam::" + account + ":user/" + caller.user();
        Access access = new Access(principal, account, action, resource.arn());
        Verdict ofCaller = caller.policy().judge(access);
        if (ofCaller == Verdict.DENIES) {
            throw denied(access, "with an explicit deny in an identity-based policy");
        }
        Verdict ofStream =
                policyOf(resource)
                        .map(document -> judge(document, access))
                        .orElse(Verdict.SAYS_NOTHING);
        if (ofStream == Verdict.DENIES) {
            throw denied(access, "with an explicit deny in a resource-based policy");
        }
        if (ofCaller != Verdict.ALLOWS && ofStream != Verdict.ALLOWS) {
            throw denied(
                    access, "because no identity-based policy allows the " + action + " action");
        }
    }

    /** A policy that is not understood denies: it may be of a newer version than this gateway. */
    private Verdict judge(String document, Access access) {
        return parse(document).map(policy -> policy.judge(access)).orElse(Verdict.DENIES);
    }

    private Optional<Policy> parse(String document) {
        Policy known = parsed.get(document);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            Policy policy = Policy.ofResource(document);
            if (parsed.size() >= PARSED_MAX) {
                parsed.clear();
            }
            parsed.put(document, policy);
            return Optional.of(policy);
        } catch (MalformedPolicyException _) {
            return Optional.empty();
        }
    }

    private static AwsException denied(Access access, String reason) {
        return new AwsException(
                ErrorCode.ACCESS_DENIED,
                "User: %s is not authorized to perform: %s on resource: %s %s"
                        .formatted(access.principal(), access.action(), access.resource(), reason));
    }
}
