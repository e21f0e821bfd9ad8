/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a table is after commits whose answers get lost, on real tables of Iceberg. */
class BatchCommitTest {

    private static final TableIdentifier NAME = TableIdentifier.of("shop", "orders");

    private final InMemoryCatalog catalog = new InMemoryCatalog();
    private Table table;

    @BeforeEach
    void makeTable() {
        catalog.initialize("c", Map.of());
        catalog.createNamespace(Namespace.of("shop"));
        table =
                catalog.createTable(
                        NAME,
                        new Schema(Types.NestedField.optional(1, "id", Types.LongType.get())),
                        PartitionSpec.unpartitioned());
    }

    @AfterEach
    void close() throws IOException {
        catalog.close();
    }

    @Test
    void aBatchWhoseAnswerGotLostIsInTheTableWithItsFiles() throws Exception {
        DataFile file = file();
        commit(losing(new IllegalStateException("the connection is gone")), "one", file);
        assertThat(readable()).containsExactly(file.location());
    }

    /** As a catalog does that sends its statement again: then another was faster, it seems. */
    @Test
    void aBatchThatWasTriedAgainAfterItsAnswerGotLostIsInTheTableWithItsFiles() throws Exception {
        DataFile file = file();
        commit(losing(new CommitFailedException("somebody was faster")), "one", file);
        assertThat(readable()).containsExactly(file.location());
    }

    @Test
    void ofTwoWorkersWithTheSameBatchOneAddsItAndTheOtherLeavesNothingBehind() throws Exception {
        DataFile first = file();
        DataFile second = file();
        // Both have looked, and found that it is not there.
        Table known = catalog.loadTable(NAME);
        commit(catalog.loadTable(NAME), "one", first);
        commit(known, "one", second);
        assertThat(readable()).containsExactly(first.location());
        assertThat(exists(second)).isFalse();
    }

    @Test
    void whatWasNotCommittedLeavesNothingBehind() throws Exception {
        DataFile file = file();
        Table refusing =
                new BaseTable(
                        new Operations(operations()) {
                            @Override
                            public void commit(TableMetadata base, TableMetadata metadata) {
                                throw new CommitFailedException("always");
                            }
                        },
                        "t");
        refusing.refresh();
        assertThatThrownBy(() -> commit(refusing, "one", file))
                .isInstanceOf(CommitFailedException.class);
        assertThat(readable()).isEmpty();
        assertThat(exists(file)).isFalse();
    }

    private static void commit(Table table, String batch, DataFile file) {
        BatchCommit.commit(table, table.newFastAppend().appendFile(file), batch, List.of(file));
    }

    /** A table whose first commit is done, and fails. */
    private Table losing(RuntimeException failure) {
        AtomicInteger left = new AtomicInteger(1);
        return new BaseTable(
                new Operations(operations()) {
                    @Override
                    public void commit(TableMetadata base, TableMetadata metadata) {
                        super.commit(base, metadata);
                        if (left.getAndDecrement() > 0) {
                            throw failure;
                        }
                    }
                },
                "t");
    }

    private TableOperations operations() {
        return ((BaseTable) catalog.loadTable(NAME)).operations();
    }

    private DataFile file() throws IOException {
        String location = table.location() + "/data/" + UUID.randomUUID() + ".parquet";
        try (PositionOutputStream out = table.io().newOutputFile(location).create()) {
            out.write(new byte[10]);
        }
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(location)
                .withFileSizeInBytes(10)
                .withRecordCount(1)
                .build();
    }

    private boolean exists(DataFile file) {
        return ((InMemoryFileIO) table.io()).fileExists(file.location());
    }

    /** The files that a reader of the table finds, all of which are there. */
    private List<String> readable() throws IOException {
        List<String> locations = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                catalog.loadTable(NAME).newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                assertThat(exists(task.file())).isTrue();
                locations.add(task.file().location());
            }
        }
        return locations;
    }

    /** Of another table. */
    private static class Operations implements TableOperations {
        private final TableOperations behind;

        Operations(TableOperations behind) {
            this.behind = behind;
        }

        @Override
        public TableMetadata current() {
            return behind.current();
        }

        @Override
        public TableMetadata refresh() {
            return behind.refresh();
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            behind.commit(base, metadata);
        }

        @Override
        public FileIO io() {
            return behind.io();
        }

        @Override
        public String metadataFileLocation(String fileName) {
            return behind.metadataFileLocation(fileName);
        }

        @Override
        public LocationProvider locationProvider() {
            return behind.locationProvider();
        }
    }
}
