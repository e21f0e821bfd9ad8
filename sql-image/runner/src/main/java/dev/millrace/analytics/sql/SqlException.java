/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

/** The application's SQL is wrong, or cannot be run continuously. */
public final class SqlException extends Exception {

    private static final long serialVersionUID = 1;

    private final String problem;
    private final Position position;

    /**
     * A place in the application's text.
     *
     * @param line from 1 on
     * @param column from 1 on
     */
    public record Position(int line, int column) {}

    SqlException(Position position, String problem) {
        super("line " + position.line() + ":" + position.column() + ": " + problem);
        this.problem = problem;
        this.position = position;
    }

    public Position position() {
        return position;
    }

    /** What is wrong, without the place. */
    public String problem() {
        return problem;
    }
}
