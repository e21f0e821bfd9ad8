/* SPDX-License-Identifier: Apache-2.0 */
/** A real API server for tests. */
@NullMarked
package dev.millrace.crds.apiserver;

import org.jspecify.annotations.NullMarked;
