/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

/**
 * What a shard may take and give in a second, as Kinesis has it.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html">Quotas
 *     and limits</a>
 */
public enum Limit {
    /** What is put into a shard: 1 MiB and 1,000 records. */
    WRITE(1024 * 1024, 1_000),
    /** What GetRecords reads from a shard: 2 MiB and 5 calls. */
    READ(2 * 1024 * 1024, 5);

    private final double bytesPerSecond;
    private final double countPerSecond;

    Limit(double bytesPerSecond, double countPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
        this.countPerSecond = countPerSecond;
    }

    double bytesPerSecond() {
        return bytesPerSecond;
    }

    /** Records, or calls. */
    double countPerSecond() {
        return countPerSecond;
    }
}
