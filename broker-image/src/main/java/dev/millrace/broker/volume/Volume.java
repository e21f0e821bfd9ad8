/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

/**
 * The volume of a broker.
 *
 * @param broker the broker's node id
 * @param freeBytes what the broker may still write
 */
public record Volume(int broker, long totalBytes, long freeBytes) {

    private static final int PERCENT = 100;

    /** One part in so many is kept for what goes on without puts. */
    private static final int RESERVE_PART = 20;

    private static final long RESERVE_BYTES_MAX = 1L << 30;

    public int usedPercent() {
        return totalBytes <= 0 ? 0 : (int) (PERCENT * (totalBytes - freeBytes) / totalBytes);
    }

    /**
     * What puts leave free: 5 %, 1 GiB at most. A broker whose volume is really full dies, and with
     * it all reading; and Kafka's own topics, positions and the shard map are written on.
     */
    public long reserveBytes() {
        return Math.min(totalBytes / RESERVE_PART, RESERVE_BYTES_MAX);
    }

    /** Whether no more records should come in. */
    public boolean isFull() {
        return freeBytes < reserveBytes();
    }
}
