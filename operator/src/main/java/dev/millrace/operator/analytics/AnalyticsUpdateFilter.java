/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.crds.analytics.AnalyticsApplication;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Which updates of an application matter: those of spec and of the pause. Its status is the
 * operator's own. The framework makes it, while building, by its constructor.
 */
public final class AnalyticsUpdateFilter implements OnUpdateFilter<AnalyticsApplication> {

    @Override
    public boolean accept(AnalyticsApplication after, AnalyticsApplication before) {
        return !Objects.equals(
                        after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || AnalyticsNames.isPaused(after) != AnalyticsNames.isPaused(before);
    }
}
