/* SPDX-License-Identifier: Apache-2.0 */
/** Encryption of streams: which are, with which key. */
@NullMarked
package dev.millrace.broker.encryption;

import org.jspecify.annotations.NullMarked;
