/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The examples of docs/sql.md, each with its results, give them. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(600)
class DocumentationIT {

    private static final Path PAGE = Path.of("..", "..", "docs", "sql.md");
    private static final Pattern ROWS =
            Pattern.compile("```json\n(\\{\"id\":1,.*?)```", Pattern.DOTALL);

    /** A statement, and behind it at once what it gives. */
    private static final Pattern EXAMPLE =
            Pattern.compile("```sql\n(INSERT INTO (\\w+)[^`]*)```\n```\n(\\{[^`]*)```");

    private static final String INPUT =
            """
            {"name": "orders", "stream": "documented", "rowtime": "at", "columns": [
              {"name": "id", "type": "bigint"}, {"name": "at", "type": "timestamp(3)"}, {"name": "region", "type": "varchar"},
              {"name": "customer", "type": "varchar"}, {"name": "price", "type": "double"}]}
            """;

    @Test
    void theExamplesGiveWhatIsSaidOfThem(Pool pool, Trino trino) throws Exception {
        String page = Files.readString(PAGE);
        Map<String, List<String>> wanted = new LinkedHashMap<>();
        StringBuilder code = new StringBuilder();
        Matcher example = EXAMPLE.matcher(page);
        while (example.find()) {
            code.append(example.group(1));
            wanted.put(example.group(2), example.group(3).lines().toList());
        }
        assertThat(wanted).hasSizeGreaterThanOrEqualTo(9);
        pool.createStream("documented", 1);
        Running.Builder application =
                new Running.Builder(pool, trino, "documented")
                        .input(INPUT, Duration.ofSeconds(60), Duration.ofMinutes(5))
                        .history(Duration.ofHours(1));
        wanted.keySet().forEach(name -> pool.createStream(name, 1));
        wanted.keySet().forEach(application::output);
        Matcher rows = ROWS.matcher(page);
        assertThat(rows.find()).isTrue();
        try (Running _ = application.start(code.toString())) {
            pool.put("documented", rows.group(1).lines().toList());
            wanted.forEach((name, results) -> {
                Awaitility.await(name)
                        .atMost(Duration.ofMinutes(2))
                        .until(() -> pool.records(name).size() >= results.size());
                assertThat(pool.records(name))
                        .as(name)
                        .containsExactlyInAnyOrderElementsOf(results);
            });
        }
    }
}
