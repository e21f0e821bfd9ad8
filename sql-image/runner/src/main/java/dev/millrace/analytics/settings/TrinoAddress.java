/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Where Trino is, and who the runner is there.
 *
 * @param url {@code http://host:port} or {@code https://host:port}
 * @param secret a directory with {@code username} and {@code password}, or {@code accessToken}, and
 *     perhaps {@code ca.crt}
 */
public record TrinoAddress(URI url, Optional<Path> secret) {

    private static final String USER = "millrace";
    private static final String OF_THE_POD = "http://127.0.0.1:8080";

    /**
     * From {@code TRINO_URL} and {@code TRINO_SECRET_DIR}; by default the Trino of the same pod.
     */
    public static TrinoAddress of(Map<String, String> variables) {
        return new TrinoAddress(
                URI.create(variables.getOrDefault("TRINO_URL", OF_THE_POD)),
                Optional.ofNullable(variables.get("TRINO_SECRET_DIR"))
                        .filter(directory -> !directory.isEmpty())
                        .map(Path::of));
    }

    /** Whether it is the one that runs beside this process. */
    public boolean isOfThePod() {
        return url.toString().equals(OF_THE_POD);
    }

    public String jdbcUrl() {
        int port = url.getPort() >= 0 ? url.getPort() : isTls() ? 443 : 80;
        return "jdbc:trino://" + url.getHost() + ":" + port + "/millrace/default";
    }

    /** What the driver needs beside the address. */
    public Properties properties() {
        Properties properties = new Properties();
        Optional<String> token = value("accessToken");
        Optional<String> user = value("username");
        // Who has a token is whom it names, unless that one may be somebody else, too.
        if (user.isPresent() || token.isEmpty()) {
            properties.setProperty("user", user.orElse(USER));
        }
        if (isTls()) {
            properties.setProperty("SSL", "true");
            secret.map(directory -> directory.resolve("ca.crt"))
                    .filter(Files::exists)
                    .ifPresent(
                            file -> properties.setProperty("SSLTrustStorePath", file.toString()));
            value("password").ifPresent(text -> properties.setProperty("password", text));
            token.ifPresent(text -> properties.setProperty("accessToken", text));
        }
        return properties;
    }

    private boolean isTls() {
        return "https".equals(url.getScheme());
    }

    private Optional<String> value(String key) {
        return secret.map(directory -> directory.resolve(key))
                .filter(Files::exists)
                .map(file -> {
                    try {
                        return Files.readString(file).strip();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }
}
