/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.broker.record.PutEntry.Fields;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of PutRecord or PutRecords.
 *
 * @param entries the records; one, unless there was a list of them
 * @param listed whether there was a list
 * @param surplus how many more were in the list than a put may have; they are not kept
 * @param dryRun whether all is to be checked and nothing put
 */
record PutRequest(
        StreamReference stream,
        List<PutEntry> entries,
        boolean listed,
        int surplus,
        Optional<String> sequenceNumberForOrdering,
        boolean dryRun) {

    static final int ENTRIES_MAX = 500;

    PutRequest {
        entries = List.copyOf(entries);
    }

    /**
     * Ends a request that is only to be tried out; called when nothing else can refuse it.
     *
     * @throws AwsException if it is such a request
     */
    void endDryRun() {
        if (dryRun) {
            throw DryRun.wouldSucceed();
        }
    }

    static PutRequest parse(Call call) throws IOException {
        Optional<PutRequest> usual =
                switch (call.protocol()) {
                    case JSON -> PutJson.read(call.body(), call.bodyLength());
                    case CBOR -> PutCbor.read(call.body(), call.bodyLength());
                };
        return usual.isPresent() ? usual.get() : parseWhole(call);
    }

    /** Takes whatever the parser takes, and refuses the rest in AWS's words. */
    static PutRequest parseWhole(Call call) throws IOException {
        Reading reading = new Reading();
        try (JsonParser parser = call.parser()) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw AwsException.serialization("");
            }
            for (String field = parser.nextFieldName();
                    field != null;
                    field = parser.nextFieldName()) {
                reading.read(field, parser);
            }
            if (parser.nextToken() != null) {
                throw AwsException.serialization("");
            }
        }
        return reading.result();
    }

    private static final class Reading {
        private final PutEntry single = new PutEntry();
        private @Nullable List<PutEntry> entries;
        private int surplus;
        private @Nullable String name;
        private @Nullable String arn;
        private @Nullable String id;
        private boolean dryRun;
        private @Nullable String ordering;

        void read(String field, JsonParser parser) throws IOException {
            switch (field) {
                case "StreamName" -> name = Fields.string(parser);
                case "StreamARN" -> arn = Fields.string(parser);
                case "StreamId" -> id = Fields.string(parser);
                case "DryRun" -> dryRun = Fields.bool(parser);
                case "SequenceNumberForOrdering" -> ordering = Fields.string(parser);
                case "Records" -> readRecords(parser);
                default -> {
                    if (!single.read(field, parser)) {
                        Fields.skip(parser);
                    }
                }
            }
        }

        private void readRecords(JsonParser parser) throws IOException {
            switch (parser.nextToken()) {
                case START_ARRAY -> {}
                case VALUE_NULL -> {
                    return;
                }
                case START_OBJECT ->
                        throw AwsException.serialization(
                                "Start of structure or map found where not expected.");
                default -> throw AwsException.serialization("Expected list or null");
            }
            List<PutEntry> read = new ArrayList<>();
            for (JsonToken token = parser.nextToken();
                    token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                if (token != JsonToken.START_OBJECT) {
                    throw AwsException.serialization(
                            token == JsonToken.START_ARRAY
                                    ? "Start of list found where not expected"
                                    : "Expected null");
                }
                if (read.size() == ENTRIES_MAX) {
                    surplus++;
                    parser.skipChildren();
                } else {
                    read.add(PutEntry.readStructure(parser));
                }
            }
            entries = read;
        }

        PutRequest result() {
            return new PutRequest(
                    new StreamReference(
                            Optional.ofNullable(name),
                            Optional.ofNullable(arn),
                            Optional.ofNullable(id)),
                    entries == null ? List.of(single) : entries,
                    entries != null,
                    surplus,
                    Optional.ofNullable(ordering),
                    dryRun);
        }
    }
}
