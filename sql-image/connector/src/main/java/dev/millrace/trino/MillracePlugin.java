/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.trino.function.WindowFunctions;
import io.trino.spi.Plugin;
import io.trino.spi.connector.ConnectorFactory;
import java.util.List;
import java.util.Set;

/** What Trino loads. */
public final class MillracePlugin implements Plugin {

    @Override
    public Iterable<ConnectorFactory> getConnectorFactories() {
        return List.of(new MillraceConnectorFactory());
    }

    @Override
    public Set<Class<?>> getFunctions() {
        return Set.of(WindowFunctions.class);
    }
}
