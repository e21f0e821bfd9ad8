/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.policy;

import java.util.List;
import java.util.Locale;

/**
 * One statement of a policy.
 *
 * @param principals whom it speaks of: ARNs, account ids or {@code *}; of all where it is none of a
 *     resource's
 */
record Statement(
        Effect effect,
        boolean actionsExcluded,
        List<Wildcard> actions,
        boolean resourcesExcluded,
        List<Wildcard> resources,
        List<Wildcard> principals) {

    /** What it does for requests that it speaks of. */
    enum Effect {
        ALLOW,
        DENY
    }

    Statement {
        actions = List.copyOf(actions);
        resources = List.copyOf(resources);
        principals = List.copyOf(principals);
    }

    boolean speaksOf(Access access) {
        String action = access.action().toLowerCase(Locale.ROOT);
        return anyMatches(principals, access.principal(), access.account())
                && actionsExcluded != anyMatches(actions, action)
                && resourcesExcluded != anyMatches(resources, access.resource());
    }

    private static boolean anyMatches(List<Wildcard> patterns, String... texts) {
        for (Wildcard pattern : patterns) {
            for (String text : texts) {
                if (pattern.matches(text)) {
                    return true;
                }
            }
        }
        return false;
    }
}
