/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.stream.Stream;
import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;

/**
 * Which Streams need a finalizer: those whose stream goes with them. One that has it already counts
 * as well, so that it gets rid of it when its policy has changed or finalizers were switched off.
 */
public final class StreamRemovalFilter implements GenericFilter<Stream> {

    @Override
    public boolean accept(Stream stream) {
        // Asked each time: the framework makes the filter while building.
        return Finalizers.enabled() && StreamFacts.deletesItsStream(stream)
                || stream.hasFinalizer(StreamFacts.FINALIZER);
    }
}
