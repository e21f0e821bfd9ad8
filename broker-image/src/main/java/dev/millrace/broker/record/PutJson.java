/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.stream.StreamReference;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of puts as SDKs write it, with none of the generality of a parser: half of what a
 * put costs was to look at each character of its base64. Whatever is not as SDKs write it (escapes,
 * characters beyond ASCII, other fields, and all that is wrong) is left to the parser, so that
 * there is one place that knows what is refused, and in which words.
 */
final class PutJson {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long QUOTES = '"' * EACH;
    private static final int ENTRIES_EXPECTED = 64;

    private static final byte[] NAME = quoted("StreamName");
    private static final byte[] ARN = quoted("StreamARN");
    private static final byte[] ID = quoted("StreamId");
    private static final byte[] RECORDS = quoted("Records");
    private static final byte[] DATA = quoted("Data");
    private static final byte[] PARTITION_KEY = quoted("PartitionKey");
    private static final byte[] EXPLICIT_HASH_KEY = quoted("ExplicitHashKey");

    /** Thrown for what is left to the parser; it says nothing, and costs nothing. */
    static final class Unusual extends Exception {
        static final Unusual UNUSUAL = new Unusual();

        private Unusual() {
            super(null, null, false, false);
        }
    }

    private final byte[] body;
    private final int length;
    private int at;
    private int dataLength;
    private @Nullable String name;
    private @Nullable String arn;
    private @Nullable String id;
    private @Nullable List<PutEntry> entries;

    private PutJson(byte[] body, int length) {
        this.body = body;
        this.length = length;
    }

    /** The request; none if the parser is to read it. */
    static Optional<PutRequest> read(byte[] body, int length) {
        try {
            return Optional.of(new PutJson(body, length).request());
        } catch (Unusual | IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }

    private PutRequest request() throws Unusual {
        PutEntry single = new PutEntry();
        expect('{');
        do {
            if (field(NAME)) {
                name = text();
            } else if (field(ARN)) {
                arn = text();
            } else if (field(ID)) {
                id = text();
            } else if (field(RECORDS)) {
                entries = records();
            } else {
                record(single);
            }
        } while (another('}'));
        skipSpace();
        if (at < length) {
            throw Unusual.UNUSUAL;
        }
        return new PutRequest(
                new StreamReference(
                        Optional.ofNullable(name),
                        Optional.ofNullable(arn),
                        Optional.ofNullable(id)),
                entries == null ? List.of(single) : entries,
                entries != null,
                0,
                Optional.empty(),
                false);
    }

    private List<PutEntry> records() throws Unusual {
        List<PutEntry> read = new ArrayList<>(ENTRIES_EXPECTED);
        expect('[');
        do {
            if (read.size() == PutRequest.ENTRIES_MAX) {
                throw Unusual.UNUSUAL;
            }
            PutEntry entry = new PutEntry();
            expect('{');
            do {
                record(entry);
            } while (another('}'));
            read.add(entry);
        } while (another(']'));
        return read;
    }

    private void record(PutEntry entry) throws Unusual {
        if (field(DATA)) {
            entry.data(base64());
        } else if (field(PARTITION_KEY)) {
            entry.partitionKey(text());
        } else if (field(EXPLICIT_HASH_KEY)) {
            entry.explicitHashKey(text());
        } else {
            throw Unusual.UNUSUAL;
        }
    }

    /** Goes behind a field's name and colon if that is its name. */
    private boolean field(byte[] quoted) throws Unusual {
        skipSpace();
        int end = at + quoted.length;
        if (end > length || !Arrays.equals(body, at, end, quoted, 0, quoted.length)) {
            return false;
        }
        at = end;
        expect(':');
        return true;
    }

    /** Whether a comma follows; if not, the end must. */
    private boolean another(char end) throws Unusual {
        skipSpace();
        byte next = body[at++];
        if (next == ',') {
            return true;
        }
        if (next == end) {
            return false;
        }
        throw Unusual.UNUSUAL;
    }

    private void expect(char wanted) throws Unusual {
        skipSpace();
        if (body[at++] != wanted) {
            throw Unusual.UNUSUAL;
        }
    }

    private void skipSpace() {
        while (at < length
                && (body[at] == ' ' || body[at] == '\n' || body[at] == '\r' || body[at] == '\t')) {
            at++;
        }
    }

    /** A string of printable ASCII without escapes. */
    private String text() throws Unusual {
        expect('"');
        int start = at;
        int end = start;
        while (body[end] != '"') {
            byte c = body[end++];
            if (c < ' ' || c == '\\') {
                throw Unusual.UNUSUAL;
            }
        }
        if (end >= length) {
            throw Unusual.UNUSUAL;
        }
        at = end + 1;
        return new String(body, start, end - start, StandardCharsets.ISO_8859_1);
    }

    private byte[] base64() throws Unusual {
        expect('"');
        int start = at;
        // Records of one request are often of one size. If a quote is where the last one had its
        // own, it is the first: the decoder refuses those before it.
        int expected = start + dataLength;
        int end = expected < length && body[expected] == '"' ? expected : quoteFrom(start);
        dataLength = end - start;
        at = end + 1;
        // The decoder also takes what lacks its padding; the parser does not.
        if ((end - start) % 4 != 0) {
            throw Unusual.UNUSUAL;
        }
        try {
            ByteBuffer decoded =
                    Base64.getDecoder().decode(ByteBuffer.wrap(body, start, end - start));
            if (decoded.remaining() != decoded.array().length) {
                throw Unusual.UNUSUAL;
            }
            return decoded.array();
        } catch (IllegalArgumentException _) {
            throw Unusual.UNUSUAL;
        }
    }

    private static byte[] quoted(String name) {
        return ('"' + name + '"').getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Where the next quote is: eight characters at a time. */
    private int quoteFrom(int start) throws Unusual {
        int i = start;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            long difference = (long) LONGS.get(body, i) ^ QUOTES;
            long found = (difference - EACH) & ~difference & HIGH;
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        for (; i < length; i++) {
            if (body[i] == '"') {
                return i;
            }
        }
        throw Unusual.UNUSUAL;
    }
}
