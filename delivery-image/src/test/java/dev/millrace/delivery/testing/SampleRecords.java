/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/** JSON records of 1 KiB, most of it noise. */
public final class SampleRecords {

    private SampleRecords() {}

    public static String record(int i, Random random) {
        byte[] noise = new byte[600];
        random.nextBytes(noise);
        return "{\"id\":%d,\"customer\":{\"id\":\"c%d\",\"tier\":\"t%d\"},\"day\":\"%d\",\"time\":%d,\"amount\":%.2f,\"text\":\"%s\"}"
                .formatted(
                        i,
                        i % 1_000,
                        i % 4,
                        i % 7,
                        1_700_000_000 + i,
                        i / 100.0,
                        Base64.getEncoder().encodeToString(noise));
    }

    /** Puts so many of them. */
    public static void fill(Pool pool, String stream, int count) {
        Random random = new Random(1);
        for (int i = 0; i < count; i += 5_000) {
            List<String> some = new ArrayList<>();
            for (int j = i; j < Math.min(count, i + 5_000); j++) {
                some.add(record(j, random));
            }
            pool.put(stream, some);
        }
    }
}
