/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A Trino of one node, a process of its own, with our plugin and a catalog of the pool. */
public final class Trino implements AutoCloseable {

    /** Gives tests the one Trino of a run, whose catalog is the shared pool. */
    public static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Trino.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return shared(context);
        }
    }

    /** The one Trino of a run. */
    static Trino shared(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(Trino.class))
                .computeIfAbsent(
                        Trino.class,
                        _ -> start(Pool.shared(context).bootstrapServers()),
                        Trino.class);
    }

    private static final Path TARGET = Path.of("target", "trino-server").toAbsolutePath();
    private static final String VERSION = "476";

    /** What catalogs need that tests make with CREATE CATALOG: PostgreSQL has geometries. */
    private static final List<String> CONNECTORS = List.of("geospatial", "memory", "postgresql");

    /** For a short life: less is compiled, and on two cores that is what a start waits for. */
    private static final List<String> STARTS_FAST = List.of("-XX:TieredStopAtLevel=1");

    private Process process;
    private final List<String> options;
    private final int port;
    private final Path tables;
    private final Path home;

    private Trino(Process process, List<String> options, int port, Path home) {
        this.process = process;
        this.options = options;
        this.port = port;
        this.home = home;
        this.tables = home.resolve("tables");
    }

    /** Starts one whose catalog {@code millrace} is a pool. */
    public static Trino start(String bootstrapServers) {
        return start(bootstrapServers, _ -> "");
    }

    /** Starts one that is to be measured. */
    public static Trino startAsInAPod(String bootstrapServers) {
        return start(bootstrapServers, List.of(), _ -> "");
    }

    /** Writes what a Trino needs beside the usual into its directory. */
    public interface Extras {
        /**
         * @return more lines of its configuration
         */
        String writeTo(Path home) throws IOException;
    }

    /** Starts one with more of a configuration. */
    public static Trino start(String bootstrapServers, Extras extras) {
        return start(bootstrapServers, STARTS_FAST, extras);
    }

    private static Trino start(String bootstrapServers, List<String> options, Extras extras) {
        try {
            Path server = extracted();
            Path lib = server.resolve("lib");
            Path home = Files.createTempDirectory("millrace-trino");
            int port = JavaProcess.freePort();
            plugin(home.resolve("plugin/millrace"));
            for (String other : CONNECTORS) {
                Files.createSymbolicLink(
                        home.resolve("plugin").resolve(other),
                        server.resolve("plugin").resolve(other));
            }
            Files.createDirectories(home.resolve("tables"));
            Path etc = home.resolve("etc");
            Files.createDirectories(etc.resolve("catalog"));
            Files.writeString(
                    etc.resolve("config.properties"), config(port) + extras.writeTo(home));
            Files.writeString(etc.resolve("log.properties"), "io.trino=WARN\nio.airlift=WARN\n");
            Files.writeString(
                    etc.resolve("catalog/millrace.properties"),
                    "connector.name=millrace\nmillrace.bootstrap-servers="
                            + bootstrapServers
                            + "\nmillrace.tables-directory="
                            + home.resolve("tables")
                            + "\n");
            Trino trino = new Trino(launch(lib, home, options), options, port, home);
            try {
                trino.awaitReady();
            } catch (RuntimeException e) {
                trino.close();
                throw e;
            }
            return trino;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process launch(Path lib, Path home, List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of(
                        "-Xmx800m",
                        "-XX:+UseSerialGC",
                        "-XX:NewRatio=1",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        lib + "/*",
                        "-Dconfig=etc/config.properties",
                        "-Dlog.levels-file=etc/log.properties",
                        "-Dplugin.dir=plugin",
                        "-Dnode.data-dir=" + home.resolve("data"),
                        "io.trino.server.TrinoServer"));
        return new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("trino.log").toFile()))
                .start();
    }

    /** As the image has it. */
    private static String config(int port) throws IOException {
        return Files.readString(Path.of("src/main/trino/etc/config.properties"))
                .replace("8080", Integer.toString(port));
    }

    /** The server's files, extracted by whoever comes first. */
    static synchronized Path extracted() throws IOException {
        Path server = TARGET.resolve(VERSION);
        if (!Files.exists(server.resolve("extracted"))) {
            Files.createDirectories(server);
            run(
                    List.of(
                            "tar",
                            "-C",
                            server.toString(),
                            "--strip-components=1",
                            "-xzf",
                            TARGET.resolve("trino-server.tar.gz").toString()));
            Files.createFile(server.resolve("extracted"));
        }
        return server;
    }

    static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("Failed: " + command);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** As the image has it: our jar and what it needs. */
    static void plugin(Path into) throws IOException {
        Files.createDirectories(into);
        Path built = Path.of("..", "connector", "target");
        copyJars(built.resolve("plugin"), into);
        copyJars(built, into);
    }

    private static void copyJars(Path from, Path into) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                Files.copy(
                        jar, into.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Returns when it runs queries. */
    public void awaitReady() {
        Awaitility.await("Trino, see " + home.resolve("trino.log"))
                .atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new AssertionError(Files.readString(home.resolve("trino.log")));
                    }
                    return query("SELECT count(*) FROM information_schema.tables").size() == 1;
                });
    }

    public long pid() {
        return process.pid();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Where descriptions of tables lie. */
    public Path tables() {
        return tables;
    }

    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.put("user", "test");
        return DriverManager.getConnection(
                "jdbc:trino://127.0.0.1:" + port + "/millrace/default", properties);
    }

    /** All rows of a query, as texts; of another statement how many it wrote. */
    public List<List<String>> query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return List.of(List.of(Long.toString(statement.getLargeUpdateCount())));
            }
            ResultSet rows = statement.getResultSet();
            List<List<String>> all = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(rows.getObject(i)));
                }
                all.add(row);
            }
            return all;
        }
    }

    /** kill -9. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts it again at the same address, and does not wait for it. */
    public void startAgain() {
        try {
            process = launch(extracted().resolve("lib"), home, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
