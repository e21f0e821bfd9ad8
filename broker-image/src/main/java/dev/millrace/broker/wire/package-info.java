/* SPDX-License-Identifier: Apache-2.0 */
/** AWS's JSON and CBOR protocols over HTTP: targets, bodies, answers, errors. */
@NullMarked
package dev.millrace.broker.wire;

import org.jspecify.annotations.NullMarked;
