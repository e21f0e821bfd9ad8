/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

/** What an action gives back: a body at once, or events as they come. */
public sealed interface Reply extends AutoCloseable permits Answer, EventStream {

    /** Called once it was sent, or cannot be: lets go of what is held for it. */
    @Override
    default void close() {}
}
