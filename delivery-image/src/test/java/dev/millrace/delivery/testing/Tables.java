/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/** Iceberg tables as a reader finds them: a catalog in PostgreSQL, files in S3. */
public final class Tables implements AutoCloseable {

    private final Catalog catalog;

    /**
     * @param url of the catalog's database
     */
    public Tables(S3Server s3, String url, String bucket) {
        Map<String, String> properties = new HashMap<>();
        properties.put("type", "jdbc");
        properties.put("uri", url);
        properties.put("jdbc.user", "postgres");
        properties.put("jdbc.password", "any");
        properties.put("jdbc.schema-version", "V1");
        properties.put("warehouse", "s3://" + bucket + "/warehouse");
        properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
        properties.put("http-client.type", "urlconnection");
        properties.put("client.region", "us-east-1");
        properties.put("s3.endpoint", s3.endpoint().toString());
        properties.put("s3.path-style-access", "true");
        properties.put("s3.access-key-id", "key");
        properties.put("s3.secret-access-key", "secret");
        this.catalog =
                CatalogUtil.buildIcebergCatalog("millrace", properties, new Configuration(false));
    }

    public Catalog catalog() {
        return catalog;
    }

    public Table table(String namespace, String table) {
        return catalog.loadTable(TableIdentifier.of(namespace, table));
    }

    /** A column's values; none while there is no table. */
    public List<Long> longs(String namespace, String table, String column) throws IOException {
        List<Long> values = new ArrayList<>();
        for (Object value : values(namespace, table, column)) {
            values.add((Long) value);
        }
        return values;
    }

    public List<@Nullable Object> values(String namespace, String table, String column)
            throws IOException {
        List<@Nullable Object> values = new ArrayList<>();
        if (!catalog.tableExists(TableIdentifier.of(namespace, table))) {
            return values;
        }
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(namespace, table)).build()) {
            records.forEach(record -> values.add(record.getField(column)));
        }
        return values;
    }

    @Override
    public void close() throws Exception {
        if (catalog instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }
}
