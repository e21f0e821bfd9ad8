/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Measurements of continuous SQL, with Trino and the runner as the processes that they are in a
 * pod.
 */
@NullMarked
package dev.millrace.bench.sql;

import org.jspecify.annotations.NullMarked;
