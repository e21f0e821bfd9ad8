/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.trino.function.ExponentialAverage;
import dev.millrace.trino.function.HotspotsFunction;
import dev.millrace.trino.function.LogFunctions;
import dev.millrace.trino.function.RandomCutForestFunction;
import dev.millrace.trino.function.RandomCutForestWithExplanationFunction;
import dev.millrace.trino.function.TimeFunctions;
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
        return Set.of(
                ExponentialAverage.class,
                HotspotsFunction.class,
                LogFunctions.class,
                RandomCutForestFunction.class,
                RandomCutForestWithExplanationFunction.class,
                TimeFunctions.class,
                WindowFunctions.class);
    }
}
