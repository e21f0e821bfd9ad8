/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Which updates of a DeliveryStream matter: those of spec, of the pause and of finalizers. Its
 * status is the operator's own. The framework makes it, while building, by its constructor.
 */
public final class DeliveryUpdateFilter implements OnUpdateFilter<DeliveryStream> {

    @Override
    public boolean accept(DeliveryStream after, DeliveryStream before) {
        return !Objects.equals(
                        after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || DeliveryNames.isPaused(after) != DeliveryNames.isPaused(before)
                || !after.getMetadata()
                        .getFinalizers()
                        .equals(before.getMetadata().getFinalizers());
    }
}
