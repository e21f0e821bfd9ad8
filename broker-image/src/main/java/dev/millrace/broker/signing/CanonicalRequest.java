/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import dev.millrace.broker.wire.SignedRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The one text form of a request that both sides sign. */
final class CanonicalRequest {

    private static final String HEX = "0123456789ABCDEF";

    private CanonicalRequest() {}

    static String of(SignedRequest request, Signature signature, String payloadHash) {
        StringBuilder text = new StringBuilder(512);
        text.append(request.method()).append('\n');
        text.append(path(request.path())).append('\n');
        text.append(query(request.query(), signature.inQuery())).append('\n');
        for (String name : signature.signedHeaders()) {
            text.append(name).append(':');
            appendHeader(text, request.headers().values(name));
            text.append('\n');
        }
        text.append('\n');
        text.append(String.join(";", signature.signedHeaders())).append('\n');
        return text.append(payloadHash).toString();
    }

    /** The path without dot segments, encoded once more than it was sent. */
    private static String path(String path) {
        if (path.equals("/")) {
            return path;
        }
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : path.split("/")) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> segments.pollLast();
                default -> segments.addLast(segment);
            }
        }
        StringBuilder text = new StringBuilder(path.length() + 16);
        segments.forEach(segment -> appendEncoded(text.append('/'), segment));
        if (text.isEmpty() || path.endsWith("/") && !segments.isEmpty()) {
            text.append('/');
        }
        return text.toString();
    }

    private static String query(String query, boolean withoutSignature) {
        if (query.isEmpty()) {
            return "";
        }
        List<String> parameters = new ArrayList<>();
        for (String parameter : query.split("&")) {
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "" : parameter.substring(equals + 1);
            if (!(withoutSignature && name.equals("X-Amz-Signature"))) {
                // The separator sorts before all that an encoded name can hold.
                parameters.add(reencoded(name) + "\0" + reencoded(value));
            }
        }
        parameters.sort(null);
        return String.join("&", parameters).replace('\0', '=');
    }

    private static String reencoded(String encoded) {
        String raw;
        try {
            raw = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            raw = encoded;
        }
        StringBuilder text = new StringBuilder(encoded.length() + 16);
        appendEncoded(text, raw);
        return text.toString();
    }

    private static void appendEncoded(StringBuilder text, String raw) {
        for (byte b : raw.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c >= 'A' && c <= 'Z'
                    || c >= 'a' && c <= 'z'
                    || c >= '0' && c <= '9'
                    || c == '-'
                    || c == '_'
                    || c == '.'
                    || c == '~') {
                text.append(c);
            } else {
                text.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
    }

    /** Values joined by commas, trimmed, with runs of spaces as one. */
    private static void appendHeader(StringBuilder text, List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            appendCollapsed(text, values.get(i).strip());
        }
    }

    private static void appendCollapsed(StringBuilder text, String value) {
        boolean afterSpace = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean space = c == ' ' || c == '\t';
            if (!space) {
                text.append(c);
            } else if (!afterSpace) {
                text.append(' ');
            }
            afterSpace = space;
        }
    }
}
