/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyHttp.Fault;
import dev.millrace.delivery.testing.Web;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server that speaks Firehose's contract and knows requests by their ids. */
final class EndpointTarget implements Target {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Servers servers;
    private final Map<String, List<Long>> requests = new ConcurrentHashMap<>();
    private final Web web;
    private final FaultyHttp proxy;
    private final FaultyHttp store;
    private final String bucket = Servers.name("endpoint-backup");
    private volatile boolean wrongId;

    EndpointTarget(Servers servers) throws IOException {
        this.servers = servers;
        this.web = new Web((_, body) -> answer(body));
        this.proxy = new FaultyHttp(web.url());
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
    }

    private Web.Answer answer(byte[] body) throws IOException {
        JsonNode request = JSON.readTree(body);
        String id = request.path("requestId").asText();
        List<Long> ids = new ArrayList<>();
        for (JsonNode record : request.path("records")) {
            ids.addAll(
                    Ids.in(new String(record.path("data").binaryValue(), StandardCharsets.UTF_8)));
        }
        requests.put(id, ids);
        return Web.Answer.json(
                "{\"requestId\":\"%s\",\"timestamp\":1}".formatted(wrongId ? "another" : id));
    }

    @Override
    public String name() {
        return "HTTP endpoint";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.ONE_REQUEST;
    }

    @Override
    public String destination() {
        return """
        {"httpEndpoint": {"url": "%s/in", "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(proxy.endpoint());
    }

    @Override
    public String more() {
        return Servers.backup(store, bucket);
    }

    @Override
    public List<Long> delivered() {
        return requests.values().stream().flatMap(List::stream).toList();
    }

    @Override
    public List<Long> refused() {
        return Ids.inErrors(servers.s3(), bucket);
    }

    @Override
    public List<Trouble> troubles() {
        return List.of(
                Trouble.lasting(
                        "it is down",
                        "HttpEndpoint.ConnectionFailed",
                        () -> proxy.set(new Fault.Closes()),
                        proxy::mend),
                answers("it answers 500", 500),
                answers("it answers 201", 201),
                answers("the access key is wrong", 401),
                Trouble.lasting(
                        "it answers to another request",
                        "HttpEndpoint.InvalidResponseFromDestination",
                        () -> wrongId = true,
                        () -> wrongId = false),
                Trouble.passing(
                        "its answers are lost",
                        "HttpEndpoint.ConnectionFailed",
                        () -> proxy.set(new Fault.LosesAnswers(new AtomicInteger(3)))),
                new Trouble(
                        "it answers 413: to the backup",
                        () -> proxy.set(new Fault.Answers(413, "text/plain", "")),
                        proxy::mend,
                        "HttpEndpoint.DestinationException",
                        false,
                        false,
                        List.of()),
                Trouble.hanging(
                        "it hangs in its answer",
                        "HttpEndpoint.RequestTimeout",
                        () -> proxy.set(new Fault.HangsInTheAnswer()),
                        proxy::mend));
    }

    private Trouble answers(String name, int status) {
        return Trouble.lasting(
                name,
                "HttpEndpoint.DestinationException",
                () -> proxy.set(new Fault.Answers(status, "application/json", "{}")),
                proxy::mend);
    }

    @Override
    public void close() {
        proxy.close();
        store.close();
        web.close();
    }
}
