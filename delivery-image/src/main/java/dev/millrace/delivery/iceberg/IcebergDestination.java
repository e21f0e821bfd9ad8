/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.RowException;
import dev.millrace.delivery.secret.MountedSecret;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.PartitionedFanoutWriter;
import org.apache.iceberg.io.TaskWriter;
import org.apache.iceberg.io.UnpartitionedWriter;
import org.jspecify.annotations.Nullable;

/**
 * Appends each batch to a table by one snapshot, whose summary has the batch's id. Iceberg looks
 * for it among the ancestors in each try of the commit, so that of two workers that commit the same
 * batch at once, one does: no coordinator is needed.
 */
public final class IcebergDestination implements RefusingDestination {

    private static final long FILE_BYTES = 512L << 20;

    /** No table gets more of them by itself: keys that are data would be columns without end. */
    private static final int COLUMNS_MAX = 1_000;

    private static final String WAIT_SECONDS = "60";
    private static final String WAIT_MILLIS = "60000";

    /** What the records of a batch are, as the table is now. */
    private record Converted(List<Record> records, List<Refused> refused) {}

    private record Refused(long arrivalMillis, byte[] data, RowException why) {}

    private final IcebergSettings settings;
    private final TableIdentifier identifier;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock; made with the first batch.
    private @Nullable Catalog catalog;

    public IcebergDestination(IcebergSettings settings) {
        this.settings = settings;
        this.identifier =
                TableIdentifier.of(
                        Namespace.of(settings.database().split("\\.")), settings.table());
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return id.toString();
    }

    /** An older row must not replace a newer one. */
    @Override
    public boolean isOrdered(BufferKey key) {
        return !settings.uniqueKeys().isEmpty();
    }

    @Override
    public String errorType() {
        return "iceberg-failed";
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        try {
            Table table = table();
            String id = batch.descriptor().id().toString();
            boolean isThere = BatchCommit.isThere(table, id);
            if (!isThere && settings.schemaEvolution()) {
                evolve(table, batch);
            }
            Converted converted = converted(table, batch);
            if (!converted.records().isEmpty() && !isThere) {
                commit(table, id, converted.records());
            }
            if (!converted.refused().isEmpty()) {
                throw DeliveryException.permanent(
                        "Iceberg.RecordsRefused",
                        converted.refused().size() + " records are no rows of the table");
            }
        } catch (IOException | RuntimeException e) {
            throw new DeliveryException(IcebergErrors.code(e), IcebergErrors.words(e), e);
        }
    }

    /** The table as it is now; made where it is missing and may be. */
    private Table table() throws DeliveryException {
        Catalog opened;
        try {
            opened = catalog();
        } catch (IOException e) {
            throw new DeliveryException("Iceberg.NoCredentials", e.toString(), e);
        }
        try {
            return opened.loadTable(identifier);
        } catch (NoSuchTableException e) {
            if (!settings.tableCreation()) {
                throw e;
            }
            return create(opened);
        }
    }

    /** One batch at a time; of two workers the one that comes second finds it, or tries again. */
    private Table create(Catalog catalog) {
        lock.lock();
        try {
            if (catalog instanceof SupportsNamespaces namespaces
                    && !namespaces.namespaceExists(identifier.namespace())) {
                namespaces.createNamespace(identifier.namespace());
            }
            if (catalog.tableExists(identifier)) {
                return catalog.loadTable(identifier);
            }
            return catalog.buildTable(identifier, Schemas.of(settings.columns()))
                    .withProperty(TableProperties.FORMAT_VERSION, "2")
                    .create();
        } finally {
            lock.unlock();
        }
    }

    /** Columns are added, and made wider; none is ever taken away or made narrower. */
    private void evolve(Table table, SealedBatch batch) {
        List<Column> wanted = settings.columns();
        if (wanted.isEmpty()) {
            NewFields fields =
                    new NewFields(Schemas.columns(table.schema().columns()), COLUMNS_MAX);
            batch.payload().forEachRecord((_, _, _, data) -> fields.see(data));
            wanted = fields.found();
        }
        UpdateSchema update = table.updateSchema();
        if (Schemas.widen(update, table.schema(), wanted)) {
            update.commit();
        }
    }

    @Override
    public List<ErrorLine> undelivered(
            SealedBatch batch, DeliveryException why, int attempts, Instant now)
            throws DeliveryException {
        if (!why.isPermanent()) {
            return RefusingDestination.super.undelivered(batch, why, attempts, now);
        }
        List<ErrorLine> lines = new ArrayList<>();
        for (Refused refused : refused(batch)) {
            lines.add(
                    new ErrorLine(
                            errorType(),
                            attempts,
                            Instant.ofEpochMilli(refused.arrivalMillis()),
                            refused.why().code(),
                            String.valueOf(refused.why().getMessage()),
                            now,
                            refused.data(),
                            Map.of()));
        }
        return lines;
    }

    private List<Refused> refused(SealedBatch batch) throws DeliveryException {
        try {
            return converted(table(), batch).refused();
        } catch (RuntimeException e) {
            throw new DeliveryException(IcebergErrors.code(e), IcebergErrors.words(e), e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (catalog instanceof AutoCloseable closeable) {
                closeable.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException("Cannot close the catalog", e);
        } finally {
            catalog = null;
            lock.unlock();
        }
    }

    private Converted converted(Table table, SealedBatch batch) {
        RecordConverter converter = new RecordConverter(table.schema());
        List<Record> records = new ArrayList<>(batch.payload().count());
        List<Refused> refused = new ArrayList<>();
        batch.payload()
                .forEachRecord((_, _, arrival, data) -> {
                    try {
                        List<Record> some = converter.records(data);
                        for (Record record : some) {
                            RecordConverter.requireValues(record, settings.uniqueKeys());
                        }
                        records.addAll(some);
                    } catch (RowException e) {
                        refused.add(new Refused(arrival, data, e));
                    }
                });
        return new Converted(records, refused);
    }

    private void commit(Table table, String batch, List<Record> records) throws IOException {
        if (settings.uniqueKeys().isEmpty()) {
            DataFile[] files = write(table, records);
            AppendFiles append = table.newFastAppend();
            for (DataFile file : files) {
                append.appendFile(file);
            }
            BatchCommit.commit(table, append, batch, List.of(files));
            return;
        }
        Replacement replacement = Replacement.write(table, settings.uniqueKeys(), records);
        BatchCommit.commit(
                table,
                table.newRowDelta().addRows(replacement.rows()).addDeletes(replacement.deletes()),
                batch,
                List.of(replacement.rows(), replacement.deletes()));
    }

    private static DataFile[] write(Table table, List<Record> records) throws IOException {
        // Never the same names again: what is in the table is never written over.
        OutputFileFactory files =
                OutputFileFactory.builderFor(table, 0, 0)
                        .operationId(UUID.randomUUID().toString())
                        .format(FileFormat.PARQUET)
                        .build();
        GenericFileWriterFactory factory =
                new GenericFileWriterFactory.Builder(table)
                        .dataFileFormat(FileFormat.PARQUET)
                        .build();
        TaskWriter<Record> writer =
                table.spec().isUnpartitioned()
                        ? new UnpartitionedWriter<>(
                                table.spec(),
                                FileFormat.PARQUET,
                                factory,
                                files,
                                table.io(),
                                FILE_BYTES)
                        : new Partitioned(table, factory, files);
        try {
            for (Record record : records) {
                writer.write(record);
            }
            return writer.complete().dataFiles();
        } catch (IOException | RuntimeException e) {
            writer.abort();
            throw e;
        }
    }

    private static final class Partitioned extends PartitionedFanoutWriter<Record> {
        private final PartitionKey key;
        private final InternalRecordWrapper wrapper;

        Partitioned(Table table, GenericFileWriterFactory factory, OutputFileFactory files) {
            super(table.spec(), FileFormat.PARQUET, factory, files, table.io(), FILE_BYTES);
            PartitionSpec spec = table.spec();
            this.key = new PartitionKey(spec, table.schema());
            this.wrapper = new InternalRecordWrapper(table.schema().asStruct());
        }

        @Override
        protected PartitionKey partition(Record record) {
            key.partition(wrapper.wrap(record));
            return key;
        }
    }

    private Catalog catalog() throws IOException {
        lock.lock();
        try {
            if (catalog == null) {
                catalog =
                        CatalogUtil.buildIcebergCatalog(
                                "millrace", properties(), new Configuration(false));
            }
            return catalog;
        } finally {
            lock.unlock();
        }
    }

    private Map<String, String> properties() throws IOException {
        Map<String, String> properties = new HashMap<>();
        properties.put("uri", settings.catalogUri());
        properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
        properties.put("http-client.type", "urlconnection");
        properties.put("client.region", settings.region());
        // The worker tries again by itself, and says so meanwhile.
        properties.put("s3.retry.num-retries", "2");
        properties.put("s3.retry.min-wait-ms", "100");
        properties.put("s3.retry.max-wait-ms", "1000");
        settings.warehouse().ifPresent(warehouse -> properties.put("warehouse", warehouse));
        settings.endpoint().ifPresent(endpoint -> properties.put("s3.endpoint", endpoint));
        properties.put("s3.path-style-access", String.valueOf(settings.pathStyle()));
        if (settings.storeCredentials().isPresent()) {
            MountedSecret store = settings.storeCredentials().get();
            properties.put("s3.access-key-id", store.require("accessKeyId"));
            properties.put("s3.secret-access-key", store.require("secretAccessKey"));
        }
        switch (settings.catalogType()) {
            case REST -> {
                properties.put("type", "rest");
                properties.put("rest.client.connection-timeout-ms", WAIT_MILLIS);
                properties.put("rest.client.socket-timeout-ms", WAIT_MILLIS);
                if (settings.catalogCredentials().isPresent()) {
                    properties.put("token", settings.catalogCredentials().get().require("token"));
                }
            }
            case JDBC -> {
                properties.put("type", "jdbc");
                properties.put("jdbc.schema-version", "V1");
                properties.put("jdbc.connectTimeout", WAIT_SECONDS);
                properties.put("jdbc.socketTimeout", WAIT_SECONDS);
                if (settings.catalogCredentials().isPresent()) {
                    MountedSecret login = settings.catalogCredentials().get();
                    properties.put("jdbc.user", login.require("username"));
                    properties.put("jdbc.password", login.require("password"));
                }
            }
        }
        return properties;
    }
}
