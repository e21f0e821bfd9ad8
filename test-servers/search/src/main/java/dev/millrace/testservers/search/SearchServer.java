/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.testservers.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.node.NodeValidationException;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/** One node of OpenSearch that answers HTTP until it is killed. */
public final class SearchServer extends Node {

    private SearchServer(Environment environment) {
        super(environment, List.of(netty()), true);
    }

    /**
     * Arguments: a directory of its own, the port, and the address, by default the loopback one.
     */
    public static void main(String[] args)
            throws IOException, NodeValidationException, InterruptedException {
        Path home = Path.of(args[0]);
        Settings settings =
                Settings.builder()
                        .put("path.home", home.toString())
                        .put("cluster.name", "tests")
                        .put("node.name", "node")
                        .put("discovery.type", "single-node")
                        .put("http.port", args[1])
                        .put("transport.port", "0")
                        .put("http.host", args.length > 2 ? args[2] : "127.0.0.1")
                        .put("transport.host", "127.0.0.1")
                        .put("transport.type", Netty4ModulePlugin.NETTY_TRANSPORT_NAME)
                        .put("http.type", Netty4ModulePlugin.NETTY_HTTP_TRANSPORT_NAME)
                        .put("cluster.routing.allocation.disk.threshold_enabled", false)
                        .build();
        Path config = Files.createDirectories(home.resolve("config"));
        try (SearchServer server = new SearchServer(new Environment(settings, config))) {
            server.start();
            System.out.println("started");
            Thread.currentThread().join();
        }
    }

    private static PluginInfo netty() {
        return new PluginInfo(
                "transport-netty4",
                "HTTP",
                Version.CURRENT.toString(),
                Version.CURRENT,
                "21",
                Netty4ModulePlugin.class.getName(),
                null,
                List.of(),
                false);
    }
}
