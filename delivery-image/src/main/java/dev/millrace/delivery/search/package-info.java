/* SPDX-License-Identifier: Apache-2.0 */
/** OpenSearch and Elasticsearch. */
@NullMarked
package dev.millrace.delivery.search;

import org.jspecify.annotations.NullMarked;
