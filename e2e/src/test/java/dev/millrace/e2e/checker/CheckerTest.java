/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.checker.Contents.Read;
import dev.millrace.e2e.checker.Contents.ShardContents;
import dev.millrace.e2e.checker.Journal.Acknowledged;
import dev.millrace.e2e.checker.Journal.Sent;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A checker that finds nothing proves nothing: each broken promise is found. */
class CheckerTest {

    private final Journal journal = new Journal();

    @Test
    void whatIsWhereItBelongsIsClean() {
        acknowledge("a", 0, 5, 10, false);
        acknowledge("a", 1, 5, 11, false);
        Verdict verdict = check(shard(read("a", 0, 10), read("a", 1, 11)));
        assertThat(verdict.isClean()).as("%s", verdict).isTrue();
        assertThat(verdict.acknowledged()).isEqualTo(2);
    }

    @Test
    void aRecordThatIsNotThereIsLost() {
        acknowledge("a", 0, 5, 10, false);
        assertThat(check(shard()).lost()).hasSize(1);
    }

    @Test
    void anotherRecordInItsPlaceIsALoss() {
        acknowledge("a", 0, 5, 10, false);
        acknowledge("a", 1, 5, 11, false);
        assertThat(check(shard(read("a", 1, 10), read("a", 0, 11))).lost()).hasSize(2);
    }

    @Test
    void aRecordOfAnotherRangeIsMisplaced() {
        acknowledge("hash", 0, 101, 10, false);
        acknowledge("before", 0, 5, 1, false);
        acknowledge("behind", 0, 5, 21, false);
        Verdict verdict =
                check(shard(read("before", 0, 1), read("hash", 0, 10), read("behind", 0, 21)));
        assertThat(verdict.misplaced()).hasSize(3);
        assertThat(verdict.lost()).isEmpty();
    }

    @Test
    void anEarlierRecordOfAKeyComesFirst() {
        acknowledge("a", 0, 5, 11, false);
        acknowledge("a", 1, 5, 10, false);
        assertThat(check(shard(read("a", 1, 10), read("a", 0, 11))).disordered()).hasSize(1);
    }

    @Test
    void sequenceNumbersGrowWithinAShard() {
        acknowledge("a", 0, 5, 11, false);
        acknowledge("b", 0, 5, 10, false);
        assertThat(check(shard(read("a", 0, 11), read("b", 0, 10))).disordered()).hasSize(1);
    }

    @Test
    void aDuplicateIsForgivenOnlyIfTheClientSentTwice() {
        acknowledge("once", 0, 5, 10, false);
        acknowledge("twice", 0, 5, 11, true);
        journal.giveUp(new Sent("unknown", 0));
        Verdict verdict =
                check(
                        shard(
                                read("once", 0, 10),
                                read("twice", 0, 11),
                                read("once", 0, 12),
                                read("twice", 0, 13),
                                read("unknown", 0, 14),
                                read("unknown", 0, 15)));
        assertThat(verdict.duplicatesWithoutRetry()).hasSize(1);
        assertThat(verdict.duplicatesWithoutRetry().getFirst()).contains("once");
        assertThat(verdict.duplicatesAfterRetry()).isEqualTo(2);
        assertThat(verdict.isClean()).isFalse();
    }

    @Test
    void whatNobodyPutIsForeign() {
        Verdict verdict =
                check(
                        shard(
                                read("ghost", 0, 10),
                                new Read(BigInteger.valueOf(11), Optional.empty())));
        assertThat(verdict.foreign()).hasSize(2);
    }

    private Verdict check(ShardContents shard) {
        return Checker.check(journal, new Contents(List.of(shard)));
    }

    private void acknowledge(String key, int number, long hash, long sequence, boolean again) {
        journal.acknowledge(
                new Acknowledged(
                        new Sent(key, number),
                        BigInteger.valueOf(hash),
                        "shard-0",
                        BigInteger.valueOf(sequence)),
                again,
                1);
    }

    /** Hash keys 0 to 100, sequence numbers 2 to 20. */
    private static ShardContents shard(Read... records) {
        return new ShardContents(
                "shard-0",
                BigInteger.ZERO,
                BigInteger.valueOf(100),
                BigInteger.TWO,
                Optional.of(BigInteger.valueOf(20)),
                Arrays.asList(records));
    }

    private static Read read(String key, int number, long sequence) {
        return new Read(BigInteger.valueOf(sequence), Optional.of(new Sent(key, number)));
    }
}
