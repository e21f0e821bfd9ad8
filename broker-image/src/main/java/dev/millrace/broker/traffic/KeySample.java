/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.shard.HashKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The last hash keys of some of a shard's records. Safe to use from any thread. */
final class KeySample {

    private static final int SIZE = 64;

    private final AtomicReferenceArray<HashKey> keys = new AtomicReferenceArray<>(SIZE);
    private final AtomicInteger added = new AtomicInteger();

    void add(HashKey key) {
        keys.set(Math.floorMod(added.getAndIncrement(), SIZE), key);
    }

    /** Gives the keys and forgets them. */
    List<HashKey> take() {
        List<HashKey> taken = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            HashKey key = keys.getAndSet(i, null);
            if (key != null) {
                taken.add(key);
            }
        }
        return taken;
    }
}
