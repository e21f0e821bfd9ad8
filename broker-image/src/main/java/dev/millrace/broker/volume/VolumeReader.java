/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

/** Asks for the state of the volumes. */
@FunctionalInterface
public interface VolumeReader {

    VolumeReading read() throws InterruptedException;
}
