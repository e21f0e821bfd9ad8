/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import dev.millrace.bench.sql.NexmarkEvents.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Nexmark's queries, and for each the query of DuckDB that gives the same results over all events.
 * Where Nexmark's own form has results that change for ever, {@link #refused} has that form, and
 * the query is the one with windows.
 */
enum NexmarkQuery {
    Q0(
            "SELECT auction, bidder, price, at, extra FROM bid",
            "SELECT auction, bidder, price, at, extra FROM bid",
            Kind.BID),
    Q1(
            "SELECT auction, bidder, 0.908 * price AS price, at, extra FROM bid",
            "SELECT auction, bidder, 0.908 * price, at, extra FROM bid",
            Kind.BID),
    Q2(
            "SELECT auction, price FROM bid WHERE auction % 123 = 0",
            "SELECT auction, price FROM bid WHERE auction % 123 = 0", Kind.BID),
    Q3(
            "SELECT p.name, p.city, p.state, a.id FROM auction a JOIN person p ON a.seller = p.id WHERE a.category = 10 AND"
                    + " p.state IN ('OR', 'ID', 'CA')",
            "SELECT p.name, p.city, p.state, a.id FROM auction a JOIN person p ON a.seller = p.id WHERE a.category = 10 AND"
                    + " p.state IN ('OR', 'ID', 'CA')",
            Kind.AUCTION,
            Kind.PERSON),
    Q4(
            """
            SELECT window_start, category, avg(final) AS average FROM (
              SELECT a.window_start, a.id, a.category, max(b.price) AS final
              FROM TABLE(TUMBLE(TABLE(auction), DESCRIPTOR(at), INTERVAL '2' MINUTE)) a
              JOIN TABLE(TUMBLE(TABLE(bid), DESCRIPTOR(at), INTERVAL '2' MINUTE)) b
                ON a.window_start = b.window_start AND a.id = b.auction AND b.at BETWEEN a.at AND a.expires
              GROUP BY a.window_start, a.id, a.category) GROUP BY window_start, category
            """,
            """
            SELECT w, category, avg(final) FROM (
              SELECT time_bucket(INTERVAL 2 MINUTE, a.at) AS w, a.id, a.category, max(b.price) AS final FROM auction a JOIN bid b
                ON time_bucket(INTERVAL 2 MINUTE, a.at) = time_bucket(INTERVAL 2 MINUTE, b.at) AND a.id = b.auction
                AND b.at BETWEEN a.at AND a.expires GROUP BY ALL) GROUP BY ALL
            """,
            Kind.AUCTION,
            Kind.BID),
    Q5(
            """
            SELECT window_start, auction, num FROM (SELECT *, max(num) OVER (PARTITION BY window_start) AS top FROM (
              SELECT window_start, auction, count(*) AS num
              FROM TABLE(HOP(TABLE(bid), DESCRIPTOR(at), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, auction))
            WHERE num = top
            """,
            """
            SELECT w, auction, num FROM (SELECT *, max(num) OVER (PARTITION BY w) AS top FROM (
              SELECT w, auction, count(*) AS num FROM (SELECT auction, unnest(generate_series(time_bucket(INTERVAL 2 SECOND, at) - INTERVAL 8
                SECOND, time_bucket(INTERVAL 2 SECOND, at), INTERVAL 2 SECOND)) AS w FROM bid) GROUP BY ALL)) WHERE num = top
            """,
            Kind.BID),
    Q7(
            """
            SELECT auction, price, bidder, at, extra FROM (SELECT *, max(price) OVER (PARTITION BY window_start) AS top
              FROM TABLE(TUMBLE(TABLE(bid), DESCRIPTOR(at), INTERVAL '10' SECOND))) WHERE price = top
            """,
            """
            SELECT auction, price, bidder, at, extra FROM (SELECT *, max(price) OVER (PARTITION BY time_bucket(INTERVAL 10 SECOND, at))
              AS top FROM bid) WHERE price = top
            """,
            Kind.BID),
    Q8(
            """
            SELECT p.id, p.name, p.window_start FROM
              (SELECT id, name, window_start FROM TABLE(TUMBLE(TABLE(person), DESCRIPTOR(at), INTERVAL '10' SECOND))
               GROUP BY id, name, window_start) p
              JOIN (SELECT seller, window_start FROM TABLE(TUMBLE(TABLE(auction), DESCRIPTOR(at), INTERVAL '10' SECOND))
               GROUP BY seller, window_start) a ON p.id = a.seller AND p.window_start = a.window_start
            """,
            """
            SELECT DISTINCT p.id, p.name, time_bucket(INTERVAL 10 SECOND, p.at) FROM person p JOIN auction a ON p.id = a.seller
              AND time_bucket(INTERVAL 10 SECOND, p.at) = time_bucket(INTERVAL 10 SECOND, a.at)
            """,
            Kind.PERSON,
            Kind.AUCTION),
    Q9(
            """
            SELECT window_start, id, bidder, price FROM (SELECT a.window_start, a.id, b.bidder, b.price,
                row_number() OVER (PARTITION BY a.window_start, a.id ORDER BY b.price DESC, b.at) AS place
              FROM TABLE(TUMBLE(TABLE(auction), DESCRIPTOR(at), INTERVAL '2' MINUTE)) a
              JOIN TABLE(TUMBLE(TABLE(bid), DESCRIPTOR(at), INTERVAL '2' MINUTE)) b
                ON a.window_start = b.window_start AND a.id = b.auction AND b.at BETWEEN a.at AND a.expires) WHERE place = 1
            """,
            """
            SELECT w, id, bidder, price FROM (SELECT time_bucket(INTERVAL 2 MINUTE, a.at) AS w, a.id, b.bidder, b.price,
                row_number() OVER (PARTITION BY w, a.id ORDER BY b.price DESC, b.at) AS place
              FROM auction a JOIN bid b ON time_bucket(INTERVAL 2 MINUTE, a.at) = time_bucket(INTERVAL 2 MINUTE, b.at)
                AND a.id = b.auction AND b.at BETWEEN a.at AND a.expires) WHERE place = 1
            """,
            Kind.AUCTION,
            Kind.BID),
    Q11(
            "SELECT bidder, count(*) AS n, window_start, window_end FROM TABLE(SESSION(TABLE(bid) PARTITION BY bidder,"
                    + " DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end",
            """
            SELECT bidder, count(*), min(at), max(at) + INTERVAL 10 SECOND FROM (SELECT *, sum(b) OVER (PARTITION BY bidder ORDER BY at)
              AS g FROM (SELECT *, CASE WHEN at - lag(at) OVER (PARTITION BY bidder ORDER BY at) < INTERVAL 10 SECOND THEN 0 ELSE 1 END
              AS b FROM bid)) GROUP BY bidder, g
            """,
            Kind.BID),
    Q12(
            "SELECT bidder, count(*) AS n, window_start FROM TABLE(TUMBLE(TABLE(arrived), DESCRIPTOR(_arrival_time), INTERVAL"
                    + " '10' SECOND)) GROUP BY bidder, window_start",
            "SELECT bidder, count(*), time_bucket(INTERVAL 10 SECOND, arrival) FROM bid GROUP BY ALL",
            Kind.BID),
    Q15(
            "SELECT date_trunc('day', at) AS day, "
                    + bids(true)
                    + " FROM bid GROUP BY date_trunc('day', at)",
            "SELECT time_bucket(INTERVAL 1 DAY, at), " + bids(false) + " FROM bid GROUP BY ALL",
            Kind.BID),
    Q16(
            "SELECT channel, date_trunc('day', at) AS day, max(date_format(at, '%H:%i')) AS minute, "
                    + bids(true)
                    + " FROM bid GROUP BY channel, date_trunc('day', at)",
            "SELECT channel, time_bucket(INTERVAL 1 DAY, at), max(strftime(at, '%H:%M')), "
                    + bids(false)
                    + " FROM bid GROUP BY ALL",
            Kind.BID),
    Q17(
            "SELECT auction, date_trunc('day', at) AS day, count(*) AS n, count(*) FILTER (WHERE price < 10000) AS r1, min(price)"
                    + " AS lowest, max(price) AS highest, avg(price) AS average, sum(price) AS total FROM bid GROUP BY auction,"
                    + " date_trunc('day', at)",
            "SELECT auction, time_bucket(INTERVAL 1 DAY, at), count(*), count(*) FILTER (WHERE price < 10000), min(price),"
                    + " max(price), avg(price), sum(price) FROM bid GROUP BY ALL",
            Kind.BID),
    Q18(
            """
            SELECT auction, bidder, price, at FROM (SELECT *, row_number() OVER (PARTITION BY window_start, bidder, auction ORDER BY at
              DESC) AS place FROM TABLE(TUMBLE(TABLE(bid), DESCRIPTOR(at), INTERVAL '2' MINUTE))) WHERE place = 1
            """,
            """
            SELECT auction, bidder, price, at FROM (SELECT *, row_number() OVER (PARTITION BY time_bucket(INTERVAL 2 MINUTE, at), bidder,
              auction ORDER BY at DESC) AS place FROM bid) WHERE place = 1
            """,
            Kind.BID),
    Q19(
            """
            SELECT auction, bidder, price, at, place FROM (SELECT *, row_number() OVER (PARTITION BY window_start, auction ORDER BY price
              DESC, at) AS place FROM TABLE(TUMBLE(TABLE(bid), DESCRIPTOR(at), INTERVAL '2' MINUTE))) WHERE place <= 10
            """,
            """
            SELECT auction, bidder, price, at, place FROM (SELECT *, row_number() OVER (PARTITION BY time_bucket(INTERVAL 2 MINUTE, at),
              auction ORDER BY price DESC, at) AS place FROM bid) WHERE place <= 10
            """,
            Kind.BID),
    Q20(
            "SELECT b.auction, b.bidder, b.price, b.channel, a.item, a.seller, a.category FROM bid b JOIN auction a ON b.auction"
                    + " = a.id WHERE a.category = 10",
            "SELECT b.auction, b.bidder, b.price, b.channel, a.item, a.seller, a.category FROM bid b JOIN auction a ON b.auction"
                    + " = a.id WHERE a.category = 10",
            Kind.BID,
            Kind.AUCTION);

    /** What q15 and q16 count. */
    private static String bids(boolean named) {
        StringBuilder sql = new StringBuilder("count(*)").append(named ? " AS bids" : "");
        String cheap = "price < 10000";
        String middle = "price >= 10000 AND price < 1000000";
        String dear = "price >= 1000000";
        int rank = 1;
        for (String range : List.of(cheap, middle, dear)) {
            String filter = " FILTER (WHERE " + range + ")";
            sql.append(", count(*)").append(filter).append(named ? " AS bids" + rank : "");
            sql.append(", count(DISTINCT bidder)")
                    .append(filter)
                    .append(named ? " AS bidders" + rank : "");
            sql.append(", count(DISTINCT auction)")
                    .append(filter)
                    .append(named ? " AS auctions" + rank : "");
            rank++;
        }
        return sql.toString();
    }

    private final String sql;
    private final String batch;
    private final Set<Kind> inputs;

    NexmarkQuery(String sql, String batch, Kind first, Kind... others) {
        this.sql = sql;
        this.batch = batch;
        this.inputs = EnumSet.of(first, others);
    }

    String sql() {
        return sql;
    }

    String batch() {
        return batch;
    }

    Set<Kind> inputs() {
        return inputs;
    }

    /** Whether its times are those of the arrival. */
    boolean isByArrival() {
        return this == Q12;
    }

    /** Nexmark's own form where ours has windows; empty where it is the same. */
    String refused() {
        return switch (this) {
            case Q4 ->
                    "SELECT category, avg(final) AS average FROM (SELECT a.id, a.category, max(b.price) AS final FROM auction a JOIN"
                            + " bid b ON a.id = b.auction AND b.at BETWEEN a.at AND a.expires GROUP BY a.id, a.category) GROUP BY"
                            + " category";
            case Q9 ->
                    "SELECT id, bidder, price FROM (SELECT a.id, b.bidder, b.price, row_number() OVER (PARTITION BY a.id ORDER BY"
                            + " b.price DESC, b.at) AS place FROM auction a JOIN bid b ON a.id = b.auction AND b.at BETWEEN a.at AND"
                            + " a.expires) WHERE place = 1";
            case Q18 ->
                    "SELECT auction, bidder, price FROM (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY at DESC)"
                            + " AS place FROM bid) WHERE place = 1";
            case Q19 ->
                    "SELECT auction, bidder, price FROM (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS"
                            + " place FROM bid) WHERE place <= 10";
            default -> "";
        };
    }
}
