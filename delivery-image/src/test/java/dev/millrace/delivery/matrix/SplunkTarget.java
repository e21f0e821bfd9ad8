/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import com.sun.net.httpserver.HttpExchange;
import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyHttp.Fault;
import dev.millrace.delivery.testing.Web;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server with the documented contract of Splunk's HTTP Event Collector. */
final class SplunkTarget implements Target {

    private final Servers servers;
    private final List<Long> indexed = new CopyOnWriteArrayList<>();
    private final Web web;
    private final FaultyHttp proxy;
    private final FaultyHttp store;
    private final String bucket = Servers.name("splunk-backup");

    SplunkTarget(Servers servers) throws IOException {
        this.servers = servers;
        this.web = new Web(this::answer);
        this.proxy = new FaultyHttp(web.url());
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
    }

    private Web.Answer answer(HttpExchange exchange, byte[] body) {
        if (exchange.getRequestURI().getPath().endsWith("/ack")) {
            return Web.Answer.json("{\"acks\":{\"7\":true}}");
        }
        indexed.addAll(Ids.in(new String(body, StandardCharsets.UTF_8)));
        return Web.Answer.json("{\"text\":\"Success\",\"code\":0,\"ackId\":7}");
    }

    @Override
    public String name() {
        return "Splunk";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public String destination() {
        return """
        {"splunk": {"hecEndpoint": "%s", "tokenSecretRef": {"name": "hec"},
          "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(proxy.endpoint());
    }

    @Override
    public String more() {
        return Servers.backup(store, bucket);
    }

    @Override
    public void prepare(Path directory) throws IOException {
        Worker.secret(directory, "hec", "token", "t0ken");
    }

    @Override
    public List<Long> delivered() {
        return List.copyOf(indexed);
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
                        "Splunk.ConnectionFailed",
                        () -> proxy.set(new Fault.Closes()),
                        proxy::mend),
                answers("the token is wrong", 403, 4, "Splunk.InvalidToken"),
                answers("it answers 503", 503, 9, "Splunk.ServerError"),
                Trouble.passing(
                        "its answers are lost",
                        "Splunk.ConnectionFailed",
                        () -> proxy.set(new Fault.LosesAnswers(new AtomicInteger(3)))));
    }

    private Trouble answers(String name, int status, int said, String code) {
        return Trouble.lasting(
                name,
                code,
                () ->
                        proxy.set(
                                new Fault.Answers(
                                        status,
                                        "application/json",
                                        "{\"text\":\"no\",\"code\":%d}".formatted(said))),
                proxy::mend);
    }

    @Override
    public void close() {
        proxy.close();
        store.close();
        web.close();
    }
}
