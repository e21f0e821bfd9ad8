/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.stream.Stream;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Which updates of a Stream matter: those of spec, of annotations (pause) and of finalizers. Its
 * status is the operator's own. The framework makes it, while building, by its constructor.
 */
public final class StreamUpdateFilter implements OnUpdateFilter<Stream> {

    @Override
    public boolean accept(Stream after, Stream before) {
        return !Objects.equals(
                        after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !StreamFacts.annotations(after).equals(StreamFacts.annotations(before))
                || !after.getMetadata()
                        .getFinalizers()
                        .equals(before.getMetadata().getFinalizers());
    }
}
