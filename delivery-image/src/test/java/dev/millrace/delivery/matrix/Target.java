/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import java.nio.file.Path;
import java.util.List;

/** A destination on a real server, behind something that lets it fail. */
public interface Target extends AutoCloseable {

    /** What is promised for each record. */
    enum Guarantee {
        EXACTLY_ONCE,
        ONE_DOCUMENT,
        /** By the ids of requests a server can tell what it has. */
        ONE_REQUEST,
        AT_LEAST_ONCE
    }

    String name();

    Guarantee guarantee();

    /** {@code spec.destination}. */
    String destination();

    /** {@code spec.processing.processors}. */
    default String processors() {
        return "[]";
    }

    /** {@code spec.backup} and what comes after it, with a comma in front. */
    default String more() {
        return "";
    }

    /** Writes Secrets, and what else workers of the directory need. */
    default void prepare(Path directory) throws Exception {
        // Most have what each worker has.
    }

    /** A record that it takes. */
    default String record(long id) {
        return "{\"id\":%d}".formatted(id);
    }

    /** The ids that are there now, each as often as it is. */
    List<Long> delivered() throws Exception;

    /** The ids of refused records, each as often as it is in the backup. */
    default List<Long> refused() {
        return List.of();
    }

    /** What can go wrong with it, in the order in which it will. */
    List<Trouble> troubles();

    @Override
    void close() throws Exception;
}
