/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

/**
 * What one shard may take and give as Kinesis has it: 1 MiB and 1,000 records put a second, 2 MiB
 * and 5 GetRecords read a second. What is not used is kept for one second. Gateways of a pool do
 * not ask one another: each has an equal part. Safe to use from any thread.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html">Quotas
 *     and limits</a>
 */
public final class ShardLimits {

    private static final double MIB = 1024 * 1024;

    private final Bucket bytesIn = new Bucket(MIB);
    private final Bucket recordsIn = new Bucket(1_000);
    private final Bucket bytesOut = new Bucket(2 * MIB);
    private final Bucket readsOut = new Bucket(5);

    /** So much a second, and as much at once. */
    private static final class Bucket {
        private final double perSecond;
        private double tokens;
        private long filledAtNanos;
        private boolean used;

        Bucket(double perSecond) {
            this.perSecond = perSecond;
        }

        void fill(long nowNanos, double part) {
            double full = perSecond * part;
            double more = (nowNanos - filledAtNanos) / 1e9 * full;
            tokens = used ? Math.min(full, tokens + more) : full;
            used = true;
            filledAtNanos = nowNanos;
        }

        /** What is larger than the bucket goes through a full one, and is paid for afterwards. */
        boolean has(double wanted, double part) {
            return tokens >= Math.min(wanted, perSecond * part);
        }

        void take(double amount) {
            tokens -= amount;
        }
    }

    /**
     * Takes a record in, if the shard may.
     *
     * @param gateways among how many the shard's limits are divided
     */
    public synchronized boolean tryPut(int bytes, long nowNanos, int gateways) {
        double part = 1.0 / Math.max(1, gateways);
        bytesIn.fill(nowNanos, part);
        recordsIn.fill(nowNanos, part);
        if (!bytesIn.has(bytes, part) || !recordsIn.has(1, part)) {
            return false;
        }
        bytesIn.take(bytes);
        recordsIn.take(1);
        return true;
    }

    /** Lets a read begin, if the shard may: the bytes that it gave are told with {@link #gave}. */
    public synchronized boolean tryRead(long nowNanos, int gateways) {
        double part = 1.0 / Math.max(1, gateways);
        bytesOut.fill(nowNanos, part);
        readsOut.fill(nowNanos, part);
        if (!bytesOut.has(1, part) || !readsOut.has(1, part)) {
            return false;
        }
        readsOut.take(1);
        return true;
    }

    /** As Amazon does: a read may give more than there is left, and the next ones wait for it. */
    public synchronized void gave(long bytes) {
        bytesOut.take(bytes);
    }
}
