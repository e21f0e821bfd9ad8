/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.analytics.sql;

import org.jspecify.annotations.NullMarked;
