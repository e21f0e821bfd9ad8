/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** What the workers of a delivery stream say of themselves. */
@FunctionalInterface
public interface WorkerReports {

    /** One for each pod that answers in time; those that do not are left out. */
    List<WorkerReport> of(List<Pod> pods);
}
