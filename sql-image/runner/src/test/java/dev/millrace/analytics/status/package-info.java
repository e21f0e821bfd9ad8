/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.analytics.status;

import org.jspecify.annotations.NullMarked;
