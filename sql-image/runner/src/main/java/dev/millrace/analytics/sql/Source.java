/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.tree.NodeLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A text that is composed of pieces of the application's text and of our own, and knows for each
 * character where it comes from, so that errors name a place that the user has written.
 */
final class Source {

    private record Piece(int start, int origin) {}

    private final Tokens whole;
    private final String text;
    private final List<Piece> pieces;

    private Source(Tokens whole, String text, List<Piece> pieces) {
        this.whole = whole;
        this.text = text;
        this.pieces = List.copyOf(pieces);
    }

    /** A part of the application's text as it is. */
    static Source of(Tokens whole, int start, int end) {
        Builder builder = new Builder(whole);
        builder.copy(start, end);
        return builder.build();
    }

    String text() {
        return text;
    }

    /** Where in the application's text a character comes from; our own from what is before it. */
    int origin(int offset) {
        Piece found = pieces.getFirst();
        for (Piece piece : pieces) {
            if (piece.start() <= offset) {
                found = piece;
            }
        }
        return Math.min(whole.text().length(), found.origin() + offset - found.start());
    }

    /** This text, composed of pieces of another composed one, as one of the application's text. */
    Source behind(Source other) {
        List<Piece> split = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            int end = i + 1 < pieces.size() ? pieces.get(i + 1).start() : text.length();
            split.add(new Piece(piece.start(), other.origin(piece.origin())));
            for (Piece inner : other.pieces) {
                int start = piece.start() + inner.start() - piece.origin();
                if (inner.start() > piece.origin() && start < end) {
                    split.add(new Piece(start, inner.origin()));
                }
            }
        }
        return new Source(other.whole, text, split);
    }

    SqlException refuse(Optional<NodeLocation> location, String problem) {
        int offset = location.map(at -> Tokens.of(text).offset(at)).orElse(0);
        return refuse(offset, problem);
    }

    SqlException refuse(int offset, String problem) {
        return new SqlException(whole.position(origin(offset)), problem);
    }

    /** Composes a text. */
    static final class Builder {
        private final Tokens whole;
        private final StringBuilder text = new StringBuilder();
        private final List<Piece> pieces = new ArrayList<>();

        Builder(Tokens whole) {
            this.whole = whole;
        }

        /** A part of the application's text. */
        void copy(int start, int end) {
            pieces.add(new Piece(text.length(), start));
            text.append(whole.text(), start, end);
        }

        /** Words of our own. */
        void insert(String words) {
            int origin =
                    pieces.isEmpty()
                            ? 0
                            : pieces.getLast().origin() + text.length() - pieces.getLast().start();
            pieces.add(new Piece(text.length(), origin));
            text.append(words);
        }

        /** What another one composed. */
        void append(Builder other) {
            for (Piece piece : other.pieces) {
                pieces.add(new Piece(text.length() + piece.start(), piece.origin()));
            }
            text.append(other.text);
        }

        Source build() {
            return new Source(whole, text.toString(), pieces);
        }
    }
}
