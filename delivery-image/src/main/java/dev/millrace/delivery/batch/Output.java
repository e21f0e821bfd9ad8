/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

/**
 * A piece of what a source record turns into.
 *
 * @param lane tells the pieces of one source record apart: {@link #BACKUP}, or 0 and up in their
 *     order
 * @param key the buffer that it goes to
 * @param data its bytes; not to be changed
 */
public record Output(int lane, BufferKey key, byte[] data) {

    public static final int BACKUP = -1;
}
