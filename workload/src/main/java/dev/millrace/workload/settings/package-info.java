/* SPDX-License-Identifier: Apache-2.0 */
/** How a pod reads the configuration that the operator gives it. */
@NullMarked
package dev.millrace.workload.settings;

import org.jspecify.annotations.NullMarked;
