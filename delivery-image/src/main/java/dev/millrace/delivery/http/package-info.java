/* SPDX-License-Identifier: Apache-2.0 */
/** Requests to servers, with what a user says of whom to trust. */
@NullMarked
package dev.millrace.delivery.http;

import org.jspecify.annotations.NullMarked;
