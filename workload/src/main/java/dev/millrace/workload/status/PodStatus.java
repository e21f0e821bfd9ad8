/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.workload.status;

/** How a pod does. Asked from any thread. */
public interface PodStatus {

    /** Whether the pod does its work, for the kubelet's probe. */
    boolean isReady();

    /** All of it, for the operator and for people. */
    String json();
}
