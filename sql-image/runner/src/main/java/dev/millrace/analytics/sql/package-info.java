/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From the text of an application to queries that Trino can run: parsed with Trino's own parser,
 * classified, and rewritten so that each run reads a bounded part of its inputs. Pure.
 */
@NullMarked
package dev.millrace.analytics.sql;

import org.jspecify.annotations.NullMarked;
