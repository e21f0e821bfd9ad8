/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Nexmark's auctions: of 50 events one is a person, three are auctions and 46 are bids. Half of the
 * bids go to a hot auction, three quarters come from a hot bidder; proportions and ratios are those
 * of the generator that others use. The same seed gives the same events.
 */
final class NexmarkEvents {

    enum Kind {
        PERSON,
        AUCTION,
        BID
    }

    /**
     * @param json the event as a record
     */
    record Event(Kind kind, String json) {}

    /** An event a millisecond. */
    static final int MILLIS_APART = 1;

    private static final int PERSONS = 1;
    private static final int AUCTIONS = 3;
    private static final int ALL = 50;
    private static final int FIRST_ID = 1_000;
    private static final int FIRST_CATEGORY = 10;
    private static final int CATEGORIES = 5;
    private static final int HOT_EVERY = 100;
    private static final int ACTIVE_PERSONS = 1_000;
    private static final int OPEN_AUCTIONS = 100;
    private static final int LEAD = 10;
    private static final int CHANNELS = 10_000;
    private static final List<String> HOT_CHANNELS =
            List.of("Google", "Facebook", "Baidu", "Apple");
    private static final List<String> STATES = List.of("AZ", "CA", "ID", "OR", "WA", "WY");
    private static final List<String> CITIES =
            List.of(
                    "Phoenix",
                    "Los Angeles",
                    "San Francisco",
                    "Boise",
                    "Portland",
                    "Bend",
                    "Redmond",
                    "Seattle",
                    "Kent",
                    "Cheyenne");
    private static final List<String> FIRST_NAMES =
            List.of("Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah");
    private static final List<String> LAST_NAMES =
            List.of("Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones");

    private final Random random;
    private final long begin;
    private long number;

    /**
     * @param begin when the first event happens, milliseconds since 1970
     */
    NexmarkEvents(long seed, long begin) {
        this.random = new Random(seed);
        this.begin = begin;
    }

    Event next() {
        long event = number++;
        long at = begin + event * MILLIS_APART;
        int place = (int) (event % ALL);
        if (place < PERSONS) {
            return new Event(Kind.PERSON, person(event, at));
        }
        return place < PERSONS + AUCTIONS
                ? new Event(Kind.AUCTION, auction(event, at))
                : new Event(Kind.BID, bid(event, at));
    }

    private String person(long event, long at) {
        return "{\"id\":%d,\"name\":\"%s %s\",\"email\":\"%s@%s.com\",\"card\":\"%s\",\"city\":\"%s\",\"state\":\"%s\",\"at\":%d,\"extra\":\"%s\"}"
                .formatted(
                        FIRST_ID + lastPerson(event),
                        any(FIRST_NAMES),
                        any(LAST_NAMES),
                        letters(7),
                        letters(5),
                        "%04d %04d".formatted(random.nextInt(10_000), random.nextInt(10_000)),
                        any(CITIES),
                        any(STATES),
                        at,
                        letters(60));
    }

    private String auction(long event, long at) {
        long seller =
                random.nextInt(4) > 0
                        ? lastPerson(event) / HOT_EVERY * HOT_EVERY
                        : anyPerson(event);
        long first = price();
        // So long that about so many auctions are open at once.
        long horizon = (long) OPEN_AUCTIONS * ALL / AUCTIONS * MILLIS_APART;
        long expires = at + 1 + random.nextLong(Math.max(horizon * 2, 1));
        return "{\"id\":%d,\"item\":\"%s\",\"description\":\"%s\",\"initial_bid\":%d,\"reserve\":%d,\"at\":%d,\"expires\":%d,\"seller\":%d,\"category\":%d,\"extra\":\"%s\"}"
                .formatted(
                        FIRST_ID + lastAuction(event),
                        letters(20),
                        letters(100),
                        first,
                        first + price(),
                        at,
                        expires,
                        FIRST_ID + seller,
                        FIRST_CATEGORY + random.nextInt(CATEGORIES),
                        letters(120));
    }

    private String bid(long event, long at) {
        long auction =
                random.nextInt(2) > 0
                        ? lastAuction(event) / HOT_EVERY * HOT_EVERY
                        : anyAuction(event);
        long bidder =
                random.nextInt(4) > 0
                        ? lastPerson(event) / HOT_EVERY * HOT_EVERY + 1
                        : anyPerson(event);
        String channel =
                random.nextInt(2) > 0 ? any(HOT_CHANNELS) : "channel-" + random.nextInt(CHANNELS);
        return "{\"auction\":%d,\"bidder\":%d,\"price\":%d,\"channel\":\"%s\",\"url\":\"https://www.nexmark.com/%s/item.htm?query=1\",\"at\":%d,\"extra\":\"%s\"}"
                .formatted(
                        FIRST_ID + auction,
                        FIRST_ID + bidder,
                        price(),
                        channel,
                        letters(5),
                        at,
                        letters(20));
    }

    private static long lastPerson(long event) {
        return event / ALL * PERSONS;
    }

    private static long lastAuction(long event) {
        long epoch = event / ALL;
        long place = event % ALL - PERSONS;
        if (place < 0) {
            return Math.max(0, epoch * AUCTIONS - 1);
        }
        return epoch * AUCTIONS + Math.min(place, AUCTIONS - 1);
    }

    private long anyPerson(long event) {
        long persons = lastPerson(event) + 1;
        long active = Math.min(persons, ACTIVE_PERSONS);
        return persons - active + random.nextLong(active + LEAD);
    }

    private long anyAuction(long event) {
        long last = lastAuction(event);
        long first = Math.max(last - OPEN_AUCTIONS, 0);
        return first + random.nextLong(last - first + 1 + LEAD);
    }

    private long price() {
        return Math.round(Math.pow(10, random.nextDouble() * 6) * 100);
    }

    private String letters(int count) {
        StringBuilder text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** The table of a kind of event, as an input of an application has it. */
    static String columns(Kind kind) {
        return switch (kind) {
            case PERSON ->
                    columns(
                            "id bigint, name varchar, email varchar, card varchar, city varchar, state varchar");
            case AUCTION ->
                    columns(
                            "id bigint, item varchar, description varchar, initial_bid bigint, reserve bigint,"
                                    + " expires timestamp(3), seller bigint, category bigint");
            case BID ->
                    columns(
                            "auction bigint, bidder bigint, price bigint, channel varchar, url varchar");
        };
    }

    private static String columns(String declared) {
        StringBuilder json = new StringBuilder();
        for (String column : (declared + ", at timestamp(3), extra varchar").split(", ", -1)) {
            String[] parts = column.split(" ", 2);
            json.append(json.isEmpty() ? "" : ", ")
                    .append("{\"name\": \"%s\", \"type\": \"%s\"}".formatted(parts[0], parts[1]));
        }
        return json.toString();
    }

    static String table(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
