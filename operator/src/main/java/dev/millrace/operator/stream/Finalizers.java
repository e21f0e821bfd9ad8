/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

/**
 * Whether Streams get finalizers. Off ({@code MILLRACE_FINALIZERS=false}) for those who uninstall
 * the operator before the resources: a finalizer that nobody takes away blocks a namespace.
 */
final class Finalizers {

    private static final String VARIABLE = "MILLRACE_FINALIZERS";

    private Finalizers() {}

    static boolean enabled() {
        return !"false".equalsIgnoreCase(System.getenv(VARIABLE));
    }
}
