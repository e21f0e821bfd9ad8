/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A Secret as Kubernetes mounts it: a file for each key, read each time, for they may change. */
public record MountedSecret(Path directory) {

    public Optional<String> get(String key) throws IOException {
        Path file = directory.resolve(key);
        return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    }

    /**
     * @throws IOException if it does not have the key
     */
    public String require(String key) throws IOException {
        return get(key).orElseThrow(() ->
                new IOException("Secret %s has no key %s".formatted(directory.getFileName(), key)));
    }

    public Path file(String key) {
        return directory.resolve(key);
    }
}
