/* SPDX-License-Identifier: Apache-2.0 */
/** Keys and certificates for TLS: read as PEM, made for tests, followed while they change. */
@NullMarked
package dev.millrace.broker.tls;

import org.jspecify.annotations.NullMarked;
