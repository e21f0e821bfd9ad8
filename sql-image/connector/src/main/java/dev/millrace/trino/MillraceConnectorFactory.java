/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import java.time.InstantSource;
import java.util.Map;

/** Makes a catalog out of its properties file. */
final class MillraceConnectorFactory implements ConnectorFactory {

    @Override
    public String getName() {
        return "millrace";
    }

    @Override
    public Connector create(
            String catalogName, Map<String, String> config, ConnectorContext context) {
        MillraceConfig parsed = MillraceConfig.parse(config);
        Pool pool = new Pool(parsed);
        StreamSplits splits = new StreamSplits(pool, InstantSource.system());
        return new MillraceConnector(
                pool,
                new StreamMetadata(
                        new StreamTables(parsed.tablesDirectory(), pool),
                        new ColumnTypes(context.getTypeManager()),
                        splits),
                splits,
                new StreamPageSources(pool),
                new StreamPageSinks(pool));
    }
}
