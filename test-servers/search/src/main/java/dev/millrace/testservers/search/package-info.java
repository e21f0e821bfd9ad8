/* SPDX-License-Identifier: Apache-2.0 */
/** OpenSearch for tests. */
@NullMarked
package dev.millrace.testservers.search;

import org.jspecify.annotations.NullMarked;
