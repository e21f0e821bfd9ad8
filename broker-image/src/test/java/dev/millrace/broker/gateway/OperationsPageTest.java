/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.gateway.SignedPost.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/operations.md} says of each operation what the gateway really does. */
class OperationsPageTest {

    private static final Path PAGE = Path.of("../docs/reference/operations.md");
    private static final Pattern ROW =
            Pattern.compile("^\\| ([A-Z]\\w+) \\| (works|not yet)\\b", Pattern.MULTILINE);
    private static final int OPERATIONS = 57;

    @Test
    void saysWhatTheGatewayDoes() throws Exception {
        Map<String, String> said = page();
        Map<String, String> done = new TreeMap<>();
        try (InMemoryGateway gateway = new InMemoryGateway()) {
            for (String operation : said.keySet()) {
                Reply reply =
                        new SignedPost(gateway.port())
                                .call(InMemoryGateway.CLIENT, operation, "{}");
                done.put(operation, statusOf(reply));
            }
        }
        assertThat(said).isEqualTo(done).hasSize(OPERATIONS);
    }

    private static String statusOf(Reply reply) {
        return reply.error().equals("UnknownOperationException") ? "not yet" : "works";
    }

    private static Map<String, String> page() throws IOException {
        Map<String, String> said = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            said.put(row.group(1), row.group(2));
        }
        return said;
    }
}
