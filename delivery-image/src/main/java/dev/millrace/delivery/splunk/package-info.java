/* SPDX-License-Identifier: Apache-2.0 */
/** Splunk, by its HTTP Event Collector. */
@NullMarked
package dev.millrace.delivery.splunk;

import org.jspecify.annotations.NullMarked;
