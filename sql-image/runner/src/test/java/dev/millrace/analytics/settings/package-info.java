/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.analytics.settings;

import org.jspecify.annotations.NullMarked;
