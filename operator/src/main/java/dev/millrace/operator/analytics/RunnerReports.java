/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** What the runner in a pod says of itself. */
@FunctionalInterface
public interface RunnerReports {

    /** None if it does not answer in time. */
    Optional<RunnerReport> of(Pod pod);
}
