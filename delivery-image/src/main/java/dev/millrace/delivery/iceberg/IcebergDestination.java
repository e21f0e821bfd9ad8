/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
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
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.PartitionedFanoutWriter;
import org.apache.iceberg.io.TaskWriter;
import org.apache.iceberg.io.UnpartitionedWriter;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/**
 * Appends each batch to a table by one snapshot, whose summary has the batch's id. Iceberg looks
 * for it among the ancestors in each try of the commit, so that of two workers that commit the same
 * batch at once, one does: no coordinator is needed.
 */
public final class IcebergDestination implements RefusingDestination {

    /** In a snapshot's summary. */
    static final String BATCH = "millrace.batch";

    private static final long FILE_BYTES = 512L << 20;

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
            Table table = catalog().loadTable(identifier);
            Converted converted = converted(table, batch);
            String id = batch.descriptor().id().toString();
            if (!converted.records().isEmpty()
                    && new IsNotThere(id).validate(SnapshotUtil.currentAncestors(table))) {
                commit(table, id, converted.records());
            }
            if (!converted.refused().isEmpty()) {
                throw DeliveryException.permanent(
                        "Iceberg.RecordsRefused",
                        converted.refused().size() + " records are no rows of the table");
            }
        } catch (NoSuchTableException e) {
            throw new DeliveryException("Iceberg.NoSuchTable", String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new DeliveryException("Iceberg.NoCredentials", e.toString(), e);
        } catch (RuntimeException e) {
            throw new DeliveryException("Iceberg.CommitFailed", e.toString(), e);
        }
    }

    @Override
    public List<ErrorLine> undelivered(
            SealedBatch batch, DeliveryException why, int attempts, Instant now) {
        if (!why.isPermanent()) {
            return RefusingDestination.super.undelivered(batch, why, attempts, now);
        }
        try {
            List<ErrorLine> lines = new ArrayList<>();
            for (Refused refused : converted(catalog().loadTable(identifier), batch).refused()) {
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
        } catch (IOException e) {
            throw new IllegalStateException("The catalog's Secret has gone", e);
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
            commit(table, append, batch, List.of(files));
            return;
        }
        Replacement replacement = Replacement.write(table, settings.uniqueKeys(), records);
        commit(
                table,
                table.newRowDelta().addRows(replacement.rows()).addDeletes(replacement.deletes()),
                batch,
                List.of(replacement.rows(), replacement.deletes()));
    }

    private static void commit(
            Table table,
            SnapshotUpdate<?> update,
            String batch,
            List<? extends ContentFile<?>> files) {
        try {
            update.set(BATCH, batch);
            update.validateWith(new IsNotThere(batch));
            update.commit();
        } catch (CommitStateUnknownException e) {
            // The files may be in the table now.
            throw e;
        } catch (RuntimeException e) {
            files.forEach(file -> table.io().deleteFile(file.location()));
            throw e;
        }
    }

    /** Looks for a batch each time that Iceberg tries to commit it. */
    private record IsNotThere(String batch) implements SnapshotAncestryValidator {
        @Override
        public boolean validate(Iterable<Snapshot> ancestors) {
            for (Snapshot snapshot : ancestors) {
                if (batch.equals(snapshot.summary().get(BATCH))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String errorMessage() {
            return "Batch " + batch + " is in the table already";
        }
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
                if (settings.catalogCredentials().isPresent()) {
                    properties.put("token", settings.catalogCredentials().get().require("token"));
                }
            }
            case JDBC -> {
                properties.put("type", "jdbc");
                properties.put("jdbc.schema-version", "V1");
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
