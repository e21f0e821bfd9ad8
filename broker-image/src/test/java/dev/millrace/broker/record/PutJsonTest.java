/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.Caller;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What it reads, the parser reads as the same; what it does not, the parser decides. */
class PutJsonTest {

    private static final String CHANGES = " \"{}[],:\\\u0001a=Z9";

    @Test
    void readsWhatSdksWrite() throws Exception {
        String boto =
                "{\"Records\": [{\"Data\": \"aGVsbG8=\", \"PartitionKey\": \"a\"}, {\"Data\": \"\", \"PartitionKey\": \"b\", \"ExplicitHashKey\": \"12\"}], \"StreamName\": \"orders\"}";

        PutRequest request = fast(boto).orElseThrow();

        assertThat(request.stream().name()).contains("orders");
        assertThat(request.entries()).hasSize(2);
        assertThat(request.entries().getFirst().data())
                .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(request.entries().getLast().partitionKey()).isEqualTo("b");
        assertSame(request, slow(boto));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"Data\":null}",
                "{\"PartitionKey\":\"a\\u0041\",\"Data\":\"\"}",
                "{\"PartitionKey\":\"ä\",\"Data\":\"\"}",
                "{\"PartitionKey\":\"a\",\"Data\":\"aGk\"}",
                "{\"PartitionKey\":\"a\",\"Data\":\"aG k=\"}",
                "{\"PartitionKey\":\"a\",\"Data\":\"aGk=\"} x",
                "{\"PartitionKey\":\"a\",\"Data\":\"aGk=\"",
                "{\"PartitionKey\":\"a\",\"Data\":\"aGk=",
                "{\"PartitionKey\":\"a\",\"Data\":\"aGk=\",}",
                "{\"PartitionKey\":1}",
                "{\"Records\":[]}",
                "{\"Records\":[{}]}",
                "{\"DryRun\":true,\"PartitionKey\":\"a\",\"Data\":\"\"}",
                "{\"PartitionKey\":\"a\tb\",\"Data\":\"\"}",
                "",
                "[",
            })
    void leavesTheRestToTheParser(String json) {
        assertThat(fast(json)).isEmpty();
    }

    @Test
    void agreesWithTheParserOnWhateverItReads() throws Exception {
        Random random = new Random(1);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = document(random).getBytes(StandardCharsets.UTF_8);
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] =
                        (byte) CHANGES.charAt(random.nextInt(CHANGES.length()));
            }
            Optional<PutRequest> fast = PutJson.read(bytes, bytes.length);
            if (fast.isPresent()) {
                read++;
                assertSame(fast.get(), PutRequest.parseWhole(call(bytes)));
            }
        }
        assertThat(read).isBetween(6_000, 19_000);
    }

    private static String document(Random random) {
        StringBuilder json = new StringBuilder("{\"StreamName\":\"orders\"");
        if (random.nextBoolean()) {
            json.append(", ").append(record(random));
        } else {
            json.append(",\"Records\":[{").append(record(random)).append('}');
            for (int i = random.nextInt(4); i > 0; i--) {
                json.append(" ,{").append(record(random)).append('}');
            }
            json.append(']');
        }
        return json.append(" }\n").toString();
    }

    private static String record(Random random) {
        byte[] data = new byte[random.nextInt(40)];
        random.nextBytes(data);
        String key = Long.toString(random.nextLong(), 36);
        String hash =
                random.nextBoolean() ? "" : ",\"ExplicitHashKey\":\"" + random.nextInt(99) + "\"";
        return "\"PartitionKey\":\"%s\"%s, \"Data\" : \"%s\""
                .formatted(key, hash, Base64.getEncoder().encodeToString(data));
    }

    private static void assertSame(PutRequest one, PutRequest other) {
        assertThat(one.stream()).isEqualTo(other.stream());
        assertThat(one.listed()).isEqualTo(other.listed());
        assertThat(one.surplus()).isEqualTo(other.surplus());
        assertThat(one.sequenceNumberForOrdering()).isEqualTo(other.sequenceNumberForOrdering());
        assertThat(one.entries())
                .usingElementComparator((a, b) -> text(a).compareTo(text(b)))
                .containsExactlyElementsOf(other.entries());
    }

    private static String text(PutEntry entry) {
        return entry.partitionKey() + entry.explicitHashKey() + Arrays.toString(entry.data());
    }

    private static Optional<PutRequest> fast(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return PutJson.read(bytes, bytes.length);
    }

    private static PutRequest slow(String json) throws Exception {
        return PutRequest.parseWhole(call(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static Call call(byte[] bytes) {
        return new Call(Caller.unlimited("a"), Protocol.JSON, bytes, bytes.length);
    }
}
