/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.grammar.sql.SqlBaseLexer;
import io.trino.sql.tree.NodeLocation;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Token;

/** A text as Trino's lexer divides it, without blanks and comments: where each word begins. */
final class Tokens {

    /**
     * A word, number, text or sign.
     *
     * @param start the index of its first character
     * @param end the index behind its last one
     */
    record Word(String text, int start, int end) {
        boolean is(String expected) {
            return text.equalsIgnoreCase(expected);
        }
    }

    private final String text;
    private final List<Word> words;
    private final List<Integer> lineStarts = new ArrayList<>();

    private Tokens(String text, List<Word> words) {
        this.text = text;
        this.words = words;
        lineStarts.add(0);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\n') {
                lineStarts.add(i + 1);
            }
        }
    }

    static Tokens of(String text) {
        SqlBaseLexer lexer = new SqlBaseLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        List<Word> words = new ArrayList<>();
        int codePoint = 0;
        int index = 0;
        for (Token token = lexer.nextToken();
                token.getType() != Token.EOF;
                token = lexer.nextToken()) {
            if (token.getChannel() != Token.DEFAULT_CHANNEL) {
                continue;
            }
            // The lexer counts code points.
            index = text.offsetByCodePoints(index, token.getStartIndex() - codePoint);
            codePoint = token.getStartIndex();
            int end = text.offsetByCodePoints(index, token.getStopIndex() + 1 - codePoint);
            words.add(new Word(text.substring(index, end), index, end));
        }
        return new Tokens(text, List.copyOf(words));
    }

    String text() {
        return text;
    }

    List<Word> words() {
        return words;
    }

    /** The place of the word that begins at a node's location, or of the first one behind it. */
    int at(NodeLocation location) {
        int offset = offset(location);
        int low = 0;
        int high = words.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (words.get(middle).start() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The index of the character that a node's location names. */
    int offset(NodeLocation location) {
        int line = Math.clamp(location.getLineNumber() - 1, 0, lineStarts.size() - 1);
        int start = lineStarts.get(line);
        int left = Math.max(0, location.getColumnNumber() - 1);
        int offset = start;
        while (left-- > 0 && offset < text.length()) {
            offset += Character.charCount(text.codePointAt(offset));
        }
        return offset;
    }

    SqlException.Position position(int offset) {
        int line = 0;
        while (line + 1 < lineStarts.size() && lineStarts.get(line + 1) <= offset) {
            line++;
        }
        return new SqlException.Position(line + 1, offset - lineStarts.get(line) + 1);
    }

    /**
     * The place of the parenthesis that closes the one at a place.
     *
     * @throws IllegalArgumentException if none does
     */
    int closing(int open) {
        int depth = 0;
        for (int i = open; i < words.size(); i++) {
            if (words.get(i).text().equals("(")) {
                depth++;
            } else if (words.get(i).text().equals(")") && --depth == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("Nothing closes the parenthesis at " + open);
    }
}
