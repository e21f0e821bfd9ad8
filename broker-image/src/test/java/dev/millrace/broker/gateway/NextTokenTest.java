/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.gateway.SignedPost.Reply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tokens with which lists go on: each for its list, and for five minutes. */
@Timeout(60)
class NextTokenTest {

    private static final String ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/";

    private final InMemoryGateway gateway = new InMemoryGateway();

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void tokensAreForTheirListAndForFiveMinutes() throws Exception {
        Map<String, String> lists = lists();
        Map<String, String> tokens = new LinkedHashMap<>();
        for (Map.Entry<String, String> list : lists.entrySet()) {
            Reply first = call(list.getKey(), "{" + list.getValue() + "}");
            assertThat(first.body().path("NextToken").asText())
                    .as("%s: %s", list.getKey(), first)
                    .isNotEmpty();
            tokens.put(list.getKey(), first.body().path("NextToken").asText());
        }
        gateway.advance(Duration.ofSeconds(295));
        for (String list : lists.keySet()) {
            for (Map.Entry<String, String> token : tokens.entrySet()) {
                Reply reply = goOn(list, token.getValue());
                if (token.getKey().equals(list)) {
                    assertThat(reply.status()).as("%s: %s", list, reply).isEqualTo(200);
                } else {
                    assertThat(reply.message()).isEqualTo("Invalid NextToken.");
                }
            }
        }
        gateway.advance(Duration.ofSeconds(10));
        for (Map.Entry<String, String> token : tokens.entrySet()) {
            Reply reply = goOn(token.getKey(), token.getValue());
            assertThat(reply.error()).isEqualTo("ExpiredNextTokenException");
            assertThat(reply.message()).isEqualTo("The NextToken is older than 300 seconds.");
        }
    }

    /** Two of each; the fields of a request for the first page, by operation. */
    private Map<String, String> lists() throws Exception {
        for (String name : new String[] {"a", "b"}) {
            call("CreateStream", "{\"StreamName\":\"%s\",\"ShardCount\":1}".formatted(name));
            Awaitility.await()
                    .until(() ->
                            call("DescribeStreamSummary", "{\"StreamName\":\"" + name + "\"}")
                                    .body()
                                    .at("/StreamDescriptionSummary/StreamStatus")
                                    .asText()
                                    .equals("ACTIVE"));
            call(
                    "RegisterStreamConsumer",
                    "{\"StreamARN\":\"%sa\",\"ConsumerName\":\"%s\"}".formatted(ARN, name));
            call(
                    "CreateQueue",
                    "{\"QueueName\":\"%s\",\"StreamConfigurationList\":[{\"StreamARN\":\"%sa\"}]}"
                            .formatted(name, ARN));
        }
        Map<String, String> lists = new LinkedHashMap<>();
        lists.put("ListStreams", "\"Limit\":1");
        lists.put("ListStreamConsumers", "\"MaxResults\":1,\"StreamARN\":\"" + ARN + "a\"");
        lists.put("ListQueues", "\"MaxResults\":1");
        return lists;
    }

    private Reply goOn(String list, String token) throws Exception {
        String stream = list.equals("ListStreamConsumers") ? ",\"StreamARN\":\"" + ARN + "a\"" : "";
        return call(list, "{\"NextToken\":\"%s\"%s}".formatted(token, stream));
    }

    private Reply call(String operation, String body) throws Exception {
        return new SignedPost(gateway.port()).call(InMemoryGateway.CLIENT, operation, body);
    }
}
