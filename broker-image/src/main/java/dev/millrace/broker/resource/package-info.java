/* SPDX-License-Identifier: Apache-2.0 */
/** Operations on whatever has an ARN: tags and policies. */
@NullMarked
package dev.millrace.broker.resource;

import org.jspecify.annotations.NullMarked;
