/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

/** What the holder of an access key may do. */
public enum Role {
    /** The APIs of Amazon. */
    CLIENT,
    /** The same, and the operator's own API. */
    OPERATOR
}
