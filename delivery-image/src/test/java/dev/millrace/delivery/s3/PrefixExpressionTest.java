/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixExpressionTest {

    private static final UUID ID = new UUID(1, 2);
    private static final Instant TIME = Instant.parse("2018-08-27T10:30:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                                                  | 2018/08/27/10/
                    legacy                                              | legacy2018/08/27/10/
                    y=!{timestamp:yyyy}/h=!{timestamp:HH}/              | y=2018/h=10/
                    !{timestamp:'year='yyyy}/                           | year=2018/
                    c=!{partitionKeyFromQuery:c}/                       | c=blue/
                    c=!{partitionKeyFromLambda:c}/!{timestamp:yyyy-MM}/ | c=blue/2018-08/
                    a}b/                                                | a}b/2018/08/27/10/
                    """)
    void isEvaluatedAsFirehoseDoes(String text, String evaluated) {
        assertThat(PrefixExpression.prefix(text, ZoneOffset.UTC).evaluate(values("")))
                .isEqualTo(evaluated);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    fail/!{firehose:error-output-type}/                         | fail/processing-failed/
                    ''                                                          | processing-failed/2018/08/27/10/
                    !{firehose:error-output-type}/!{timestamp:yyyy/DDD}/        | processing-failed/2018/239/
                    """)
    void errorPrefixIsEvaluatedAsFirehoseDoes(String text, String evaluated) {
        assertThat(
                        PrefixExpression.errorPrefix(text, ZoneOffset.UTC)
                                .evaluate(values("processing-failed")))
                .isEqualTo(evaluated);
    }

    @Test
    void randomStringHasElevenCharactersAndStaysTheSameForABatch() {
        PrefixExpression prefix =
                PrefixExpression.prefix("!{firehose:random-string}/x-", ZoneOffset.UTC);
        assertThat(prefix.evaluate(values("")))
                .matches("[0-9a-f]{8}-[0-9a-f]{2}/x-2018/08/27/10/")
                .isEqualTo(prefix.evaluate(values("")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a/!{firehose:error-output-type}/ | errorOutputPrefix
                    !{timestamp:yyyy                 | not closed
                    !{time:yyyy}                     | no namespace
                    !{timestamp}                     | namespace:value
                    !{firehose:x}                    | random-string
                    !{timestamp:bbb}                 | DateTimeFormatter
                    """)
    void rejects(String text, String message) {
        assertThatThrownBy(() -> PrefixExpression.prefix(text, ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    !{timestamp:yyyy}/         | must include
                    !{partitionKeyFromQuery:k} | belong into prefix
                    """)
    void rejectsAsErrorPrefix(String text, String message) {
        assertThatThrownBy(() -> PrefixExpression.errorPrefix(text, ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theZoneShiftsPrefixAndName() {
        ZoneId tokyo = ZoneId.of("Asia/Tokyo");
        ObjectNaming naming =
                new ObjectNaming(
                        "s",
                        "1",
                        PrefixExpression.prefix("", tokyo),
                        PrefixExpression.errorPrefix("", tokyo),
                        ".gz",
                        tokyo);
        assertThat(
                        naming.nameOf(
                                BufferKey.Data.ALL,
                                Instant.parse("2026-01-01T15:30:00Z"),
                                new BatchId(ID)))
                .isEqualTo("2026/01/02/00/s-1-2026-01-02-00-30-00-" + ID + ".gz");
    }

    private static PrefixExpression.Values values(String errorType) {
        return new PrefixExpression.Values(TIME, ID, Map.of("c", "blue"), errorType);
    }
}
