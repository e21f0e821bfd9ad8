/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A file system of its own that can be filled up. Needs root. */
public final class SmallDisk implements AutoCloseable {

    private final Path directory;
    private final Path filler;

    public SmallDisk(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        this.filler = directory.resolve("filler");
        Files.createDirectories(directory);
        // Room for the native libraries that a worker unpacks.
        run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", directory.toString());
    }

    /** Whether this process may make one. */
    public static boolean isPossible() {
        return System.getProperty("os.name").equals("Linux")
                && System.getProperty("user.name").equals("root");
    }

    public void fill() {
        byte[] block = new byte[4 * 1024];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException _) {
            // It is full.
        }
    }

    public void clear() throws IOException {
        Files.deleteIfExists(filler);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> out = process.inputReader().lines().toList();
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + out);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", "--lazy", directory.toString());
    }
}
