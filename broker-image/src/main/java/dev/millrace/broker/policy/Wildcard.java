/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.policy;

import java.util.Locale;

/**
 * A pattern of a policy: {@code *} stands for any characters, {@code ?} for any one. Matching takes
 * time in proportion to the text times the stars, whatever the pattern.
 */
record Wildcard(String pattern) {

    boolean matches(String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Names of actions do not tell upper from lower case. */
    static Wildcard ofAction(String pattern) {
        return new Wildcard(pattern.toLowerCase(Locale.ROOT));
    }
}
