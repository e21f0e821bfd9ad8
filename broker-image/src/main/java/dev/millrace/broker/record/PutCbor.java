/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.PutJson.Unusual;
import dev.millrace.broker.stream.StreamReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the CBOR of puts as SDKs write it, as {@link PutJson} does with JSON: whatever is not as
 * SDKs write it (other types and fields, characters beyond ASCII, strings in pieces, and all that
 * is wrong) is left to the parser.
 */
final class PutCbor {

    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;

    /** Lists and maps without a length end with this. */
    private static final int BREAK = 0xFF;

    private static final int UNTIL_BREAK = -1;
    private static final int ENTRIES_EXPECTED = 64;

    private static final byte[] NAME = ascii("StreamName");
    private static final byte[] ARN = ascii("StreamARN");
    private static final byte[] ID = ascii("StreamId");
    private static final byte[] RECORDS = ascii("Records");
    private static final byte[] DATA = ascii("Data");
    private static final byte[] PARTITION_KEY = ascii("PartitionKey");
    private static final byte[] EXPLICIT_HASH_KEY = ascii("ExplicitHashKey");

    private final byte[] body;
    private final int length;
    private int at;
    private int nameStart;
    private @Nullable String name;
    private @Nullable String arn;
    private @Nullable String id;
    private @Nullable List<PutEntry> entries;

    private PutCbor(byte[] body, int length) {
        this.body = body;
        this.length = length;
    }

    /** The request; none if the parser is to read it. */
    static Optional<PutRequest> read(byte[] body, int length) {
        try {
            return Optional.of(new PutCbor(body, length).request());
        } catch (Unusual | IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }

    private PutRequest request() throws Unusual {
        PutEntry single = new PutEntry();
        for (int left = header(MAP); another(left); left = less(left)) {
            readName();
            if (isName(NAME)) {
                name = text();
            } else if (isName(ARN)) {
                arn = text();
            } else if (isName(ID)) {
                id = text();
            } else if (isName(RECORDS)) {
                entries = records();
            } else {
                record(single);
            }
        }
        if (at != length) {
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
        for (int left = header(ARRAY); another(left); left = less(left)) {
            if (read.size() == PutRequest.ENTRIES_MAX) {
                throw Unusual.UNUSUAL;
            }
            PutEntry entry = new PutEntry();
            for (int fields = header(MAP); another(fields); fields = less(fields)) {
                readName();
                record(entry);
            }
            read.add(entry);
        }
        return read;
    }

    private void record(PutEntry entry) throws Unusual {
        if (isName(DATA)) {
            int size = sized(BYTES);
            entry.data(Arrays.copyOfRange(body, at - size, at));
        } else if (isName(PARTITION_KEY)) {
            entry.partitionKey(text());
        } else if (isName(EXPLICIT_HASH_KEY)) {
            entry.explicitHashKey(text());
        } else {
            throw Unusual.UNUSUAL;
        }
    }

    /** Goes behind a field's name. */
    private void readName() throws Unusual {
        int size = sized(TEXT);
        nameStart = at - size;
    }

    private boolean isName(byte[] wanted) {
        return Arrays.equals(body, nameStart, at, wanted, 0, wanted.length);
    }

    /** A string of ASCII. */
    private String text() throws Unusual {
        int size = sized(TEXT);
        for (int i = at - size; i < at; i++) {
            if (body[i] < 0) {
                throw Unusual.UNUSUAL;
            }
        }
        return new String(body, at - size, size, StandardCharsets.ISO_8859_1);
    }

    /** Goes behind a string; gives its length. */
    private int sized(int type) throws Unusual {
        int size = header(type);
        if (size < 0 || size > length - at) {
            throw Unusual.UNUSUAL;
        }
        at += size;
        return size;
    }

    /** Whether a list or map has another element; goes behind its end if not. */
    private boolean another(int left) {
        if (left >= 0) {
            return left > 0;
        }
        if ((body[at] & 0xFF) == BREAK) {
            at++;
            return false;
        }
        return true;
    }

    private static int less(int left) {
        return left == UNTIL_BREAK ? UNTIL_BREAK : left - 1;
    }

    /** The length of the item that begins here, which must have that type. */
    private int header(int type) throws Unusual {
        int first = body[at++] & 0xFF;
        if (first >>> 5 != type) {
            throw Unusual.UNUSUAL;
        }
        int low = first & 0x1F;
        if (low < 24) {
            return low;
        }
        return switch (low) {
            case 24 -> number(1);
            case 25 -> number(2);
            case 26 -> number(4);
            case 31 -> type == ARRAY || type == MAP ? UNTIL_BREAK : tooUnusual();
            default -> tooUnusual();
        };
    }

    private int number(int bytes) throws Unusual {
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | body[at++] & 0xFF;
        }
        return value < 0 ? tooUnusual() : value;
    }

    private static int tooUnusual() throws Unusual {
        throw Unusual.UNUSUAL;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
