/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.limits.Shares.Pool;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** In virtual time: exactly what Kinesis gives a shard, to one gateway or to many. */
class SharesTest {

    private static final int KIB = 1024;
    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final StreamId STREAM = new StreamId("abcdefghij0123456789-abc");
    private static final ShareKey WRITE = new ShareKey(STREAM, new ShardId(0), Limit.WRITE);
    private static final ShareKey READ = new ShareKey(STREAM, new ShardId(0), Limit.READ);

    private long now = 5_000_000_000L;
    private final Set<GatewayId> members = Set.of(new GatewayId("a"));
    private final Shares alone =
            new Shares(() -> new Pool(Optional.of(new GatewayId("a")), members), _ -> {});

    @Test
    void takesOneMebibyteASecond() {
        assertThat(putsIn(Duration.ofSeconds(10), 64 * KIB)).isBetween(10 * 16L, 11 * 16L);
    }

    @Test
    void takesAThousandRecordsASecond() {
        assertThat(putsIn(Duration.ofSeconds(5), 10)).isBetween(5_000L, 6_000L);
    }

    @Test
    void takesALargeRecordAndHasItPaidFor() {
        assertThat(alone.tryTake(WRITE, 5 * KIB * KIB, 1, false, now)).isTrue();
        now += Duration.ofSeconds(4).toNanos();
        assertThat(alone.tryTake(WRITE, 100, 1, false, now)).isFalse();
        now += Duration.ofSeconds(2).toNanos();
        assertThat(alone.tryTake(WRITE, 100, 1, false, now)).isTrue();
    }

    @Test
    void letsFiveReadsASecondBegin() {
        int reads = 0;
        for (int i = 0; i < 4_000; i++) {
            reads += alone.tryTake(READ, 1, 1, false, now) ? 1 : 0;
            now += MILLISECOND;
        }
        assertThat(reads).isBetween(20, 25);
    }

    @Test
    void aReadThatGaveMuchHoldsTheNextOnesUp() {
        assertThat(alone.tryTake(READ, 1, 1, false, now)).isTrue();
        alone.takeAnyway(READ, 10L * KIB * KIB, now);
        now += Duration.ofSeconds(3).toNanos();
        assertThat(alone.tryTake(READ, 1, 1, false, now)).isFalse();
        now += Duration.ofSeconds(2).toNanos();
        assertThat(alone.tryTake(READ, 1, 1, false, now)).isTrue();
    }

    @Test
    void takesNothingWithoutALease() {
        Shares expelled = new Shares(() -> new Pool(Optional.empty(), members), _ -> {});
        assertThat(expelled.tryTake(WRITE, 1, 1, false, now)).isFalse();
    }

    @Test
    void whoIsNewHasNothingUntilAllOthersCountIt() {
        List<ShareMessage> sent = new ArrayList<>();
        Set<GatewayId> three = Set.of(new GatewayId("a"), new GatewayId("b"), new GatewayId("c"));
        Shares shares =
                new Shares(() -> new Pool(Optional.of(new GatewayId("c")), three), sent::add);

        shares.tick(now);
        assertThat(sent).containsExactly(new ShareMessage.Hello(new GatewayId("c")));
        shares.received(counted("a"), now);
        now += Duration.ofSeconds(2).toNanos();
        assertThat(shares.tryTake(WRITE, 1, 1, false, now)).isFalse();
        shares.received(counted("b"), now);
        assertThat(shares.tryTake(WRITE, 1, 1, false, now)).as("nothing is saved up").isFalse();
        now += 10 * MILLISECOND;
        assertThat(shares.tryTake(WRITE, 1, 1, false, now)).isTrue();
    }

    private static ShareMessage counted(String by) {
        return new ShareMessage.Counted(new GatewayId(by), new GatewayId("c"));
    }

    /** How many records are taken of far too many. */
    private long putsIn(Duration time, int bytes) {
        long taken = 0;
        for (long end = now + time.toNanos(); now < end; now += MILLISECOND / 4) {
            taken += alone.tryTake(WRITE, bytes, 1, false, now) ? 1 : 0;
        }
        return taken;
    }
}
