/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds;

/** The API group of all resources. */
public final class Group {

    public static final String NAME = "millrace.dev";
    public static final String VERSION = "v1beta1";

    private Group() {}
}
