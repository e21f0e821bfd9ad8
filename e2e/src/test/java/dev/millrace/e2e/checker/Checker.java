/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import dev.millrace.e2e.checker.Contents.Read;
import dev.millrace.e2e.checker.Contents.ShardContents;
import dev.millrace.e2e.checker.Journal.Acknowledged;
import dev.millrace.e2e.checker.Journal.Sent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compares what producers know with what can be read. Promised is:
 *
 * <ul>
 *   <li>an acknowledged record is in the shard and at the sequence number of the acknowledgement;
 *   <li>that shard's ranges of hash keys and sequence numbers have it;
 *   <li>the acknowledged records of a key have growing sequence numbers;
 *   <li>a record is there twice only if its client sent it more than once;
 *   <li>within a shard sequence numbers grow, and nothing is there that nobody put.
 * </ul>
 */
public final class Checker {

    private final Journal journal;
    private final Contents contents;
    private final Map<String, ShardContents> shards = new HashMap<>();

    private Checker(Journal journal, Contents contents) {
        this.journal = journal;
        this.contents = contents;
        contents.shards().forEach(shard -> shards.put(shard.id(), shard));
    }

    public static Verdict check(Journal journal, Contents contents) {
        return new Checker(journal, contents).verdict();
    }

    private Verdict verdict() {
        List<Acknowledged> acknowledged = journal.acknowledged();
        Map<Place, Sent> read = new HashMap<>();
        List<String> foreign = new ArrayList<>();
        List<String> disorder = new ArrayList<>();
        for (ShardContents shard : contents.shards()) {
            BigInteger last = BigInteger.valueOf(-1);
            for (Read record : shard.records()) {
                if (record.sequenceNumber().compareTo(last) <= 0) {
                    disorder.add(shard.id() + ": " + record + " is read after " + last);
                }
                last = record.sequenceNumber();
                Optional<Sent> sent = record.sent();
                if (sent.isPresent()) {
                    read.put(new Place(shard.id(), record.sequenceNumber()), sent.get());
                } else {
                    foreign.add(shard.id() + ": " + record);
                }
            }
        }
        disorder.addAll(orderOfKeys(acknowledged));
        foreign.addAll(neverSent(acknowledged));
        Duplicates duplicates = duplicates();
        return new Verdict(
                acknowledged.size(),
                acknowledged.stream()
                        .filter(put ->
                                !put.sent()
                                        .equals(
                                                read.get(
                                                        new Place(
                                                                put.shard(),
                                                                put.sequenceNumber()))))
                        .map(Acknowledged::toString)
                        .toList(),
                acknowledged.stream()
                        .filter(put -> !isInPlace(put))
                        .map(Acknowledged::toString)
                        .toList(),
                disorder,
                duplicates.withoutRetry(),
                duplicates.afterRetry(),
                foreign,
                journal.failureCount(),
                journal.longestWait());
    }

    private record Place(String shard, BigInteger sequenceNumber) {}

    private record Duplicates(List<String> withoutRetry, int afterRetry) {}

    private boolean isInPlace(Acknowledged put) {
        ShardContents shard = shards.get(put.shard());
        return shard != null
                && shard.firstHash().compareTo(put.hash()) <= 0
                && shard.lastHash().compareTo(put.hash()) >= 0
                && shard.firstSequenceNumber().compareTo(put.sequenceNumber()) <= 0
                && shard.lastSequenceNumber()
                        .map(last -> last.compareTo(put.sequenceNumber()) >= 0)
                        .orElse(true);
    }

    private static List<String> orderOfKeys(List<Acknowledged> acknowledged) {
        Map<String, List<Acknowledged>> byKey = new HashMap<>();
        acknowledged.forEach(
                put -> byKey.computeIfAbsent(put.sent().key(), _ -> new ArrayList<>()).add(put));
        List<String> disorder = new ArrayList<>();
        for (List<Acknowledged> puts : byKey.values()) {
            puts.sort(Comparator.comparingInt(put -> put.sent().number()));
            for (int i = 1; i < puts.size(); i++) {
                if (puts.get(i).sequenceNumber().compareTo(puts.get(i - 1).sequenceNumber()) <= 0) {
                    disorder.add(puts.get(i) + " does not come after " + puts.get(i - 1));
                }
            }
        }
        return disorder;
    }

    /** Records of the checker's form that no producer had sent. */
    private List<String> neverSent(List<Acknowledged> acknowledged) {
        Set<Sent> sent = new HashSet<>(journal.givenUp());
        acknowledged.forEach(put -> sent.add(put.sent()));
        return contents.shards().stream()
                .flatMap(shard -> shard.records().stream())
                .flatMap(record -> record.sent().stream())
                .filter(record -> !sent.contains(record))
                .map(record -> record + " was put by nobody")
                .toList();
    }

    private Duplicates duplicates() {
        Set<Sent> seen = new HashSet<>();
        Set<Sent> mayBeTwice = journal.sentMoreThanOnce();
        List<String> withoutRetry = new ArrayList<>();
        int afterRetry = 0;
        for (ShardContents shard : contents.shards()) {
            for (Read record : shard.records()) {
                Optional<Sent> sent = record.sent();
                if (sent.isEmpty() || seen.add(sent.get())) {
                    continue;
                }
                if (mayBeTwice.contains(sent.get())) {
                    afterRetry++;
                } else {
                    withoutRetry.add(shard.id() + ": " + record);
                }
            }
        }
        return new Duplicates(withoutRetry, afterRetry);
    }
}
