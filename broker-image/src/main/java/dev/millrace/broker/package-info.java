/* SPDX-License-Identifier: Apache-2.0 */
/** The broker image: one entry point for its containers and for the standalone mode. */
@NullMarked
package dev.millrace.broker;

import org.jspecify.annotations.NullMarked;
