/* SPDX-License-Identifier: Apache-2.0 */
/** What a pod tells of itself over HTTP. */
@NullMarked
package dev.millrace.workload.status;

import org.jspecify.annotations.NullMarked;
