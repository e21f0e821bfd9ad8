/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import dev.millrace.broker.limits.ShareMessage.Loan;
import dev.millrace.shard.GatewayId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * What one gateway may use of one limit of one shard: its own part, less what it lends, and what it
 * borrowed. Its buckets fill at that part of the limit's rate and hold one second of it, so that
 * the buckets of all gateways together are at any time at most one bucket of the whole limit.
 *
 * <p>Times come in order. Not safe to share: {@link Shares} guards it.
 */
final class Share {

    /** What it keeps for itself beyond what it used lately. */
    private static final double RESERVE = 1.25;

    private static final double SECOND = 1e9;

    /** Of how far back the use counts. */
    private static final long WINDOW_NANOS = Duration.ofMillis(500).toNanos();

    private final ShareKey key;
    private final Loans lent = new Loans();
    private final Loans borrowed = new Loans();
    private double own;
    private double bytes;
    private double count;
    private long filledAtNanos;

    // How much of the limit was asked for, in this window and in the last one.
    private double used;
    private double usedBefore;
    private long windowSinceNanos;

    private long askedAtNanos;
    private long askNumber = -1;
    private final Set<GatewayId> answered = new HashSet<>();
    private boolean wants;

    /**
     * @param ownSinceNanos since when the own part is held; nothing was saved up before
     */
    Share(ShareKey key, double own, long ownSinceNanos, long nowNanos) {
        this.key = key;
        this.own = own;
        this.filledAtNanos = nowNanos;
        this.windowSinceNanos = nowNanos;
        double saved = own * Math.min(1, Math.max(0, nowNanos - ownSinceNanos) / SECOND);
        this.bytes = saved * key.limit().bytesPerSecond();
        this.count = saved * key.limit().countPerSecond();
    }

    /** The own part is another from now on. */
    void setOwn(double part, long nowNanos) {
        fill(nowNanos);
        own = part;
        clip();
    }

    /** How much of the limit it may use now. */
    double part(long nowNanos) {
        fill(nowNanos);
        return part();
    }

    /**
     * Takes so much, if there is so much. What is larger than all it can hold goes through when it
     * is full, and is paid for afterwards.
     *
     * @param again whether the same was refused before
     */
    boolean tryTake(double wantedBytes, double wantedCount, boolean again, long nowNanos) {
        fill(nowNanos);
        double part = part();
        boolean enough =
                part > 0
                        && bytes >= Math.min(wantedBytes, part * key.limit().bytesPerSecond())
                        && count >= Math.min(wantedCount, part * key.limit().countPerSecond());
        if (enough) {
            bytes -= wantedBytes;
            count -= wantedCount;
        }
        if (!again) {
            use(wantedBytes, wantedCount, nowNanos);
        }
        // Asked for early, so that the loan is here when it is needed.
        wants =
                !enough
                        || bytes < part * key.limit().bytesPerSecond() / 2
                        || count < part * key.limit().countPerSecond() / 2;
        return enough;
    }

    /** Takes what is known afterwards only; the next ones wait for it. */
    void takeAnyway(double moreBytes, long nowNanos) {
        fill(nowNanos);
        bytes -= moreBytes;
        use(moreBytes, 0, nowNanos);
    }

    /** How much of the limit was asked for lately, granted or not. */
    private double lately(long nowNanos) {
        turn(nowNanos);
        double passed = (nowNanos - windowSinceNanos + WINDOW_NANOS) / SECOND;
        return (used + usedBefore) / passed;
    }

    private void use(double moreBytes, double moreCount, long nowNanos) {
        turn(nowNanos);
        used +=
                Math.max(
                        moreBytes / key.limit().bytesPerSecond(),
                        moreCount / key.limit().countPerSecond());
    }

    private void turn(long nowNanos) {
        long passed = nowNanos - windowSinceNanos;
        if (passed >= WINDOW_NANOS) {
            usedBefore = passed < 2 * WINDOW_NANOS ? used : 0;
            used = 0;
            windowSinceNanos = nowNanos;
        }
    }

    // --- lending and borrowing -----------------------------------------------------------------

    /** Whether it has use for more than it has, and it is time to ask. */
    boolean isToAsk(long nowNanos, long everyNanos) {
        return wants && (askNumber < 0 || nowNanos - askedAtNanos >= everyNanos);
    }

    /** How much more than its own part it asks for. */
    double wanted() {
        return 1 - own;
    }

    void asked(long number, long nowNanos) {
        askNumber = number;
        askedAtNanos = nowNanos;
        answered.clear();
        wants = false;
    }

    /**
     * Whether others can be expected to lend something soon.
     *
     * @param others how many gateways there are beside this one
     */
    boolean mayGetMore(int others, long nowNanos, long everyNanos, long answerWithinNanos) {
        long passed = nowNanos - askedAtNanos;
        return others > 0
                && (askNumber < 0
                        || passed >= everyNanos
                        || answered.size() < others && passed < answerWithinNanos);
    }

    /** Lends what is not used. */
    Loan lend(GatewayId to, double wanted, int borrowers, long untilNanos, long nowNanos) {
        fill(nowNanos);
        double already = lent.with(to);
        // What it borrowed it may use first, but lends only of its own.
        double free = already + Math.min(own - lent.total(), part() - RESERVE * lately(nowNanos));
        double part = Math.max(0, Math.min(wanted, already + (free - already) / borrowers));
        double bytesBefore = bytes;
        double countBefore = count;
        lent.add(to, part, untilNanos);
        clip();
        return new Loan(key, part, saved(bytesBefore, bytes), saved(countBefore, count));
    }

    private static double saved(double before, double after) {
        return Math.max(0, before - after);
    }

    void borrow(GatewayId from, long number, Loan loan, long untilNanos, long nowNanos) {
        fill(nowNanos);
        if (number == askNumber) {
            answered.add(from);
        }
        if (untilNanos - nowNanos > 0) {
            borrowed.add(from, loan.part(), untilNanos);
            bytes += loan.bytes();
            count += loan.count();
            clip();
        }
    }

    private double part() {
        return Math.max(0, own - lent.total() + borrowed.total());
    }

    /** Goes from end to end of loans, so that each moment has the part that held then. */
    private void fill(long nowNanos) {
        // Two threads may come in another order than that of their clocks.
        while (nowNanos - filledAtNanos > 0) {
            long next = borrowed.nextEnd(lent.nextEnd(nowNanos));
            double more = part() * Math.max(0, next - filledAtNanos) / SECOND;
            bytes += more * key.limit().bytesPerSecond();
            count += more * key.limit().countPerSecond();
            clip();
            filledAtNanos = next;
            lent.endUntil(next);
            borrowed.endUntil(next);
            clip();
        }
    }

    private void clip() {
        double part = part();
        bytes = Math.min(bytes, part * key.limit().bytesPerSecond());
        count = Math.min(count, part * key.limit().countPerSecond());
    }
}
