/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec.DeletionPolicy;
import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;

/**
 * Which DeliveryStreams need a finalizer: those whose buffer in the pool goes with them. One that
 * has it already counts as well, so that it gets rid of it when its policy has changed.
 */
public final class DeliveryRemovalFilter implements GenericFilter<DeliveryStream> {

    private static final String VARIABLE = "MILLRACE_FINALIZERS";

    @Override
    public boolean accept(DeliveryStream stream) {
        // Asked each time: the framework makes the filter while building.
        boolean enabled = !"false".equalsIgnoreCase(System.getenv(VARIABLE));
        return enabled && deletesItsBuffer(stream) || stream.hasFinalizer(DeliveryNames.FINALIZER);
    }

    static boolean deletesItsBuffer(DeliveryStream stream) {
        return stream.getSpec().deletionPolicy() == DeletionPolicy.Delete;
    }
}
