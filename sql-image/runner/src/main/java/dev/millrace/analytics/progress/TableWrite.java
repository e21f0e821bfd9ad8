/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import java.util.Optional;

/**
 * A statement that writes results into a table, decided and remembered before it is run, so that
 * after a kill the same one is run again.
 *
 * @param output the output's name
 * @param catalog the table's catalog
 * @param statement an INSERT or a MERGE
 * @param written gives a row once the statement was run; of a MERGE none, which changes nothing if
 *     it is run twice
 */
public record TableWrite(
        String output, String catalog, String statement, Optional<String> written) {}
