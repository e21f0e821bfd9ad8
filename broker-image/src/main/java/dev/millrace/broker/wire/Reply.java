/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

/** What an action gives back: a body at once, or events as they come. */
public sealed interface Reply permits Answer, EventStream {}
