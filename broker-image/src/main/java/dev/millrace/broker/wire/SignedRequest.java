/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.util.List;

/**
 * A request as far as its signature covers it.
 *
 * @param path the path as it was sent, encoded
 * @param query the query as it was sent, without the question mark; empty if there is none
 * @param bodyLength how many bytes of the array are the body
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; a copy would cost the hot path.
public record SignedRequest(
        String method, String path, String query, Headers headers, byte[] body, int bodyLength) {

    /** Header values by name, in whatever case. */
    @FunctionalInterface
    public interface Headers {
        List<String> values(String name);
    }
}
