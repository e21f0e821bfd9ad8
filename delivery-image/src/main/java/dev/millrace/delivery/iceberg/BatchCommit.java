/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.util.SnapshotUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a batch into a table by one snapshot, once, whatever becomes of the catalog's answer. */
final class BatchCommit {

    private static final Logger log = LoggerFactory.getLogger(BatchCommit.class);

    /** In a snapshot's summary. */
    static final String BATCH = "millrace.batch";

    private BatchCommit() {}

    /** Whether a batch is in the table as it is known now. */
    static boolean isThere(Table table, String batch) {
        return !new IsNotThere(batch).validate(SnapshotUtil.currentAncestors(table));
    }

    /**
     * Commits an update unless the batch is in the table already.
     *
     * @param files that the update adds; deleted where it is known that nobody needs them
     * @throws RuntimeException if the batch is not in the table as far as one can know
     */
    static void commit(
            Table table,
            SnapshotUpdate<?> update,
            String batch,
            List<? extends ContentFile<?>> files) {
        // Iceberg cleans up after a failure, also after one that was none: an answer that got lost,
        // a second try, and what is in the table would be deleted. So nothing is, until it is
        // known.
        List<String> leftOver = new CopyOnWriteArrayList<>();
        update.deleteWith(leftOver::add);
        try {
            update.set(BATCH, batch);
            update.validateWith(new IsNotThere(batch));
            update.commit();
            delete(table, leftOver);
        } catch (RuntimeException e) {
            switch (stateOf(table, batch, files)) {
                case COMMITTED ->
                        log.info("Batch {} is in the table, though: {}", batch, e.toString());
                case COMMITTED_BY_ANOTHER -> {
                    delete(table, leftOver);
                    delete(table, locations(files));
                }
                case NOT_COMMITTED -> {
                    if (e instanceof CleanableFailure) {
                        delete(table, leftOver);
                        delete(table, locations(files));
                    }
                    throw e;
                }
                case UNKNOWN -> throw e;
            }
        }
    }

    private enum CommitState {
        COMMITTED,
        /** By a worker that had the same batch, with files of its own. */
        COMMITTED_BY_ANOTHER,
        NOT_COMMITTED,
        UNKNOWN
    }

    private static CommitState stateOf(
            Table table, String batch, List<? extends ContentFile<?>> files) {
        try {
            table.refresh();
            for (Snapshot snapshot : SnapshotUtil.currentAncestors(table)) {
                if (batch.equals(snapshot.summary().get(BATCH))) {
                    List<String> locations = locations(files);
                    for (DataFile added : snapshot.addedDataFiles(table.io())) {
                        if (locations.contains(added.location())) {
                            return CommitState.COMMITTED;
                        }
                    }
                    return CommitState.COMMITTED_BY_ANOTHER;
                }
            }
            return CommitState.NOT_COMMITTED;
        } catch (RuntimeException e) {
            log.info("It is not known whether batch {} is in the table: {}", batch, e.toString());
            return CommitState.UNKNOWN;
        }
    }

    private static List<String> locations(List<? extends ContentFile<?>> files) {
        return files.stream().map(file -> String.valueOf(file.location())).toList();
    }

    /** What is not deleted now is an orphan, which costs space and nothing else. */
    private static void delete(Table table, List<String> locations) {
        for (String location : locations) {
            try {
                table.io().deleteFile(location);
            } catch (RuntimeException e) {
                log.info("{} is left behind: {}", location, e.toString());
            }
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
}
