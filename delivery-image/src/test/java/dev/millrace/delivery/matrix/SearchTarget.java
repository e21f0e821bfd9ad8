/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyHttp.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Documents in OpenSearch. */
final class SearchTarget implements Target {

    private final Servers servers;
    private final FaultyHttp proxy;
    private final FaultyHttp store;
    private final String bucket = Servers.name("search-backup");
    private final String index = Servers.name("logs");

    SearchTarget(Servers servers) throws IOException, InterruptedException {
        this.servers = servers;
        this.proxy = new FaultyHttp(servers.search().endpoint());
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
        servers.search()
                .ask(
                        "PUT",
                        "/" + index,
                        "{\"mappings\":{\"properties\":{\"n\":{\"type\":\"long\"}}}}");
    }

    @Override
    public String name() {
        return "OpenSearch";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.ONE_DOCUMENT;
    }

    @Override
    public String destination() {
        return """
        {"opensearch": {"endpoint": "%s", "indexName": "%s", "indexRotationPeriod": "NoRotation",
          "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(proxy.endpoint(), index);
    }

    @Override
    public String more() {
        return Servers.backup(store, bucket);
    }

    @Override
    public List<Long> delivered() throws IOException, InterruptedException {
        List<Long> ids = new ArrayList<>();
        for (JsonNode document : servers.search().documents(index)) {
            ids.add(document.path("_source").path("id").asLong());
        }
        return ids;
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
                        "OpenSearch.ConnectionFailed",
                        () -> proxy.set(new Fault.Closes()),
                        proxy::mend),
                answers("it answers 503", 503),
                answers("the login is wrong", 401),
                Trouble.lasting(
                        "its disk is full (flood stage)",
                        "429",
                        () -> block(true),
                        () -> block(false)),
                Trouble.passing(
                        "its answers are lost",
                        "OpenSearch.ConnectionFailed",
                        () -> proxy.set(new Fault.LosesAnswers(new AtomicInteger(3)))),
                Trouble.poison("documents that it refuses", SearchTarget::poison),
                Trouble.lasting(
                                "the backup is down, too",
                                "InternalError",
                                () -> store.set(Servers.s3Error(503, "SlowDown")),
                                store::mend)
                        .with(SearchTarget::poison),
                Trouble.hanging(
                        "it hangs",
                        "OpenSearch.RequestTimeout",
                        () -> proxy.set(new Fault.Hangs()),
                        proxy::mend),
                Trouble.hanging(
                        "it hangs in its answer",
                        "OpenSearch.RequestTimeout",
                        () -> proxy.set(new Fault.HangsInTheAnswer()),
                        proxy::mend));
    }

    private Trouble answers(String name, int status) {
        return Trouble.lasting(
                name,
                String.valueOf(status),
                () -> proxy.set(new Fault.Answers(status, "application/json", "{}")),
                proxy::mend);
    }

    private void block(boolean full) throws IOException, InterruptedException {
        servers.search()
                .ask(
                        "PUT",
                        "/" + index + "/_settings",
                        "{\"index.blocks.read_only_allow_delete\": %s}"
                                .formatted(full ? "true" : "null"));
    }

    private static String poison(long id) {
        return "{\"id\":%d,\"n\":{\"no\":\"number\"}}".formatted(id);
    }

    @Override
    public void close() {
        proxy.close();
        store.close();
    }
}
