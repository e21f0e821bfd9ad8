/* SPDX-License-Identifier: Apache-2.0 */
/** What Kubernetes is told of the operator's own health. */
@NullMarked
package dev.millrace.operator.health;

import org.jspecify.annotations.NullMarked;
