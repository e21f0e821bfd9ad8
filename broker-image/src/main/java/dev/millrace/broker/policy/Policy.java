/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.broker.policy.Statement.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A policy in the language of AWS IAM: Version, Id, and Statements of Sid, Effect, Principal,
 * Action or NotAction, Resource or NotResource. Conditions are refused rather than passed over,
 * since a Deny that is not understood would let through what it is there to stop.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html">The
 *     grammar</a>
 */
public final class Policy {

    /** Allows everything: of keys that come without a policy. */
    public static final Policy FULL_ACCESS =
            new Policy(
                    List.of(
                            new Statement(
                                    Effect.ALLOW,
                                    false,
                                    List.of(new Wildcard("*")),
                                    false,
                                    List.of(new Wildcard("*")),
                                    List.of(new Wildcard("*")))));

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .build();
    private static final Set<String> VERSIONS = Set.of("2012-10-17", "2008-10-17");
    private static final Set<String> FIELDS = Set.of("Version", "Id", "Statement");
    private static final Set<String> STATEMENT_FIELDS =
            Set.of("Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource");

    private final List<Statement> statements;

    private Policy(List<Statement> statements) {
        this.statements = List.copyOf(statements);
    }

    /** What a policy says of an access. */
    public enum Verdict {
        /** It denies it, whatever others allow. */
        DENIES,
        ALLOWS,
        SAYS_NOTHING
    }

    /** A policy that comes with an access key: its statements name no principal. */
    public static Policy ofIdentity(String document) throws MalformedPolicyException {
        return parse(document, false);
    }

    /** A policy of a stream: each statement names its principals. */
    public static Policy ofResource(String document) throws MalformedPolicyException {
        return parse(document, true);
    }

    public Verdict judge(Access access) {
        Verdict verdict = Verdict.SAYS_NOTHING;
        for (Statement statement : statements) {
            if (statement.speaksOf(access)) {
                if (statement.effect() == Effect.DENY) {
                    return Verdict.DENIES;
                }
                verdict = Verdict.ALLOWS;
            }
        }
        return verdict;
    }

    private static Policy parse(String document, boolean ofResource)
            throws MalformedPolicyException {
        JsonNode root;
        try {
            root = JSON.readTree(document);
        } catch (JsonProcessingException e) {
            throw new MalformedPolicyException("it is no JSON: " + e.getOriginalMessage());
        }
        if (root == null || !root.isObject()) {
            throw new MalformedPolicyException("it is no JSON object");
        }
        onlyFields(root, FIELDS, "the policy");
        if (root.has("Version") && !VERSIONS.contains(root.get("Version").asText())) {
            throw new MalformedPolicyException(
                    "Version is 2012-10-17 or 2008-10-17, not " + root.get("Version"));
        }
        JsonNode given = root.path("Statement");
        if (given.isMissingNode() || given.isArray() && given.isEmpty()) {
            throw new MalformedPolicyException("it has no Statement");
        }
        List<Statement> statements = new ArrayList<>();
        for (JsonNode one : given.isArray() ? given : List.of(given)) {
            statements.add(statement(one, ofResource, "statement " + (statements.size() + 1)));
        }
        return new Policy(statements);
    }

    private static Statement statement(JsonNode node, boolean ofResource, String place)
            throws MalformedPolicyException {
        if (!node.isObject()) {
            throw new MalformedPolicyException(place + " is no object");
        }
        onlyFields(node, STATEMENT_FIELDS, place);
        boolean notAction = exclusive(node, "Action", "NotAction", place, true);
        boolean notResource = exclusive(node, "Resource", "NotResource", place, !ofResource);
        if (ofResource != node.has("Principal")) {
            throw new MalformedPolicyException(
                    place
                            + (ofResource
                                    ? " has no Principal"
                                    : " has a Principal, which is for policies of streams"));
        }
        return new Statement(
                effect(node, place),
                notAction,
                strings(node.path(notAction ? "NotAction" : "Action"), "Action", place).stream()
                        .map(Wildcard::ofAction)
                        .toList(),
                notResource,
                node.has("Resource") || notResource
                        ? wildcards(
                                node.path(notResource ? "NotResource" : "Resource"),
                                "Resource",
                                place)
                        : List.of(new Wildcard("*")),
                ofResource
                        ? principals(node.path("Principal"), place)
                        : List.of(new Wildcard("*")));
    }

    private static Effect effect(JsonNode node, String place) throws MalformedPolicyException {
        return switch (node.path("Effect").asText()) {
            case "Allow" -> Effect.ALLOW;
            case "Deny" -> Effect.DENY;
            default -> throw new MalformedPolicyException(place + ": Effect is Allow or Deny");
        };
    }

    private static List<Wildcard> principals(JsonNode node, String place)
            throws MalformedPolicyException {
        if (!node.isObject()) {
            return wildcards(node, "Principal", place);
        }
        List<Wildcard> principals = new ArrayList<>();
        for (Map.Entry<String, JsonNode> kind : node.properties()) {
            for (String value : strings(kind.getValue(), "Principal", place)) {
                principals.add(new Wildcard(value));
                // An account is written as its id, or as the ARN of its root: both are all of it.
                if (value.matches("arn:aws[^:]*:iam::\\d{12}:root")) {
                    principals.add(new Wildcard(value.split(":", -1)[4]));
                }
            }
        }
        return principals;
    }

    /** Whether the second, negative one of two fields is there; not both may be. */
    private static boolean exclusive(
            JsonNode node, String field, String not, String place, boolean required)
            throws MalformedPolicyException {
        if (node.has(field) && node.has(not)) {
            throw new MalformedPolicyException(place + " has both " + field + " and " + not);
        }
        if (required && !node.has(field) && !node.has(not)) {
            throw new MalformedPolicyException(place + " has no " + field);
        }
        return node.has(not);
    }

    private static List<Wildcard> wildcards(JsonNode node, String field, String place)
            throws MalformedPolicyException {
        return strings(node, field, place).stream().map(Wildcard::new).toList();
    }

    private static List<String> strings(JsonNode node, String field, String place)
            throws MalformedPolicyException {
        List<String> strings = new ArrayList<>();
        for (JsonNode one : node.isArray() ? node : List.of(node)) {
            if (!one.isTextual() || one.asText().isEmpty()) {
                throw new MalformedPolicyException(
                        "%s: %s is a string or a list of strings".formatted(place, field));
            }
            strings.add(one.asText());
        }
        if (strings.isEmpty()) {
            throw new MalformedPolicyException(place + ": " + field + " is empty");
        }
        return strings;
    }

    private static void onlyFields(JsonNode node, Set<String> known, String place)
            throws MalformedPolicyException {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!known.contains(field.getKey())) {
                throw new MalformedPolicyException(
                        place + " has the field " + field.getKey() + ", which is not supported");
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Policy policy && policy.statements.equals(statements);
    }

    @Override
    public int hashCode() {
        return statements.hashCode();
    }
}
