/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import java.util.List;
import java.util.function.LongFunction;

/**
 * Something that goes wrong, while records are put.
 *
 * @param name for the report
 * @param begin makes it so
 * @param end mends it
 * @param code what the worker must say of it; empty if it need not
 * @param lasts whether it holds until it is mended, and the worker says so all the time
 * @param late whether the worker waits long before it says so
 * @param poison records that the destination will refuse, by their ids
 */
public record Trouble(
        String name,
        Action begin,
        Action end,
        String code,
        boolean lasts,
        boolean late,
        List<LongFunction<String>> poison) {

    /** Does something to a server. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    private static final Action NOTHING = () -> {};

    public Trouble {
        poison = List.copyOf(poison);
    }

    /** It holds until it is mended, and the worker says the code meanwhile. */
    static Trouble lasting(String name, String code, Action begin, Action end) {
        return new Trouble(name, begin, end, code, true, false, List.of());
    }

    /** It lasts, and is noticed when a time is over. */
    static Trouble hanging(String name, String code, Action begin, Action end) {
        return new Trouble(name, begin, end, code, true, true, List.of());
    }

    /** It passes by itself; the code is what the worker has said last of what went wrong. */
    static Trouble passing(String name, String code, Action begin) {
        return new Trouble(name, begin, NOTHING, code, false, false, List.of());
    }

    /** It is slow, and nothing is wrong. */
    static Trouble slow(String name, Action begin, Action end) {
        return new Trouble(name, begin, end, "", false, false, List.of());
    }

    /** Records that the destination refuses; the others go on. */
    static Trouble poison(String name, LongFunction<String> record) {
        return new Trouble(name, NOTHING, NOTHING, "", false, false, List.of(record));
    }

    /** With records that the destination refuses, too. */
    Trouble with(LongFunction<String> record) {
        return new Trouble(name, begin, end, code, lasts, late, List.of(record));
    }
}
