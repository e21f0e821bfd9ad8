/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The class path of workers of tests with an archive of the classes that a worker loads until it
 * delivers: to load them is half of what a start costs, and tests start many. Made by a worker that
 * finds no S3 server, once for each build.
 */
final class WorkerClasses {

    private static final Path DIRECTORY = Path.of("target", "worker-classes");
    private static final Path ARCHIVE = DIRECTORY.resolve("classes.jsa");
    private static final Duration TRAINING_MAX = Duration.ofSeconds(120);

    private static final String TRAINING =
            """
            {"name": "training", "uid": "1", "createdAt": "2026-01-01T00:00:00Z", "sourceStream": "worker-training",
             "spec": {"source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
              "destination": {"s3": {"endpoint": "http://127.0.0.1:1", "bucket": "none", "compression": "GZIP",
               "credentialsSecretRef": {"name": "s3"}, "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}},
              "processing": {"processors": [{"type": "AppendDelimiterToRecord"}]}}}
            """;

    /** Starts a worker with options of a JVM and a configuration. */
    interface Start {
        Worker start(List<String> options, String config) throws IOException;
    }

    private static boolean tried;

    private WorkerClasses() {}

    /** Without folders, of which an archive cannot have classes. */
    static synchronized String classPath() {
        try {
            Files.createDirectories(DIRECTORY);
            List<String> jars = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    jars.add(packed(path, DIRECTORY.resolve("folder-" + jars.size() + ".jar")));
                } else if (Files.exists(path)) {
                    jars.add(entry);
                }
            }
            return String.join(File.pathSeparator, jars);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Options by which a worker that is started with the same others uses the archive. */
    static synchronized List<String> options(Pool pool, Start start) {
        try {
            if (!tried) {
                tried = true;
                if (!isCurrent()) {
                    train(pool, start);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // It is passed over where it is missing or does not fit.
        return List.of(
                "-XX:SharedArchiveFile=" + ARCHIVE,
                "-Xshare:auto",
                "-Xlog:disable",
                "-Xlog:all=error");
    }

    private static void train(Pool pool, Start start) throws IOException, InterruptedException {
        Path made = DIRECTORY.resolve("made.jsa");
        pool.createStream("worker-training", 1);
        pool.put("worker-training", 0, 1);
        long end = System.nanoTime() + TRAINING_MAX.toNanos();
        try (Worker worker =
                start.start(
                        List.of("-XX:ArchiveClassesAtExit=" + made, "-Xlog:disable"), TRAINING)) {
            while (System.nanoTime() < end
                    && worker.isAlive()
                    && worker.status().stream()
                            .noneMatch(status -> status.path("delivery").has("lastError"))) {
                Thread.sleep(100);
            }
            // It writes the archive when it is told to stop.
            worker.signal("TERM");
            if (worker.hasEnded(TRAINING_MAX.toSeconds(), TimeUnit.SECONDS) && Files.exists(made)) {
                Files.move(made, ARCHIVE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static boolean isCurrent() throws IOException {
        if (!Files.exists(ARCHIVE)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(ARCHIVE);
        for (String jar : classPath().split(File.pathSeparator)) {
            if (Files.getLastModifiedTime(Path.of(jar)).compareTo(made) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** A folder as a jar, unless it is packed already. */
    private static String packed(Path folder, Path jar) throws IOException {
        List<Path> files;
        try (Stream<Path> walked = Files.walk(folder)) {
            files = walked.filter(Files::isRegularFile).sorted().toList();
        }
        if (!Files.exists(jar) || isOlder(jar, files)) {
            Path made = Files.createTempFile(DIRECTORY, "made", ".jar");
            try (OutputStream out = Files.newOutputStream(made);
                    JarOutputStream entries = new JarOutputStream(out)) {
                for (Path file : files) {
                    entries.putNextEntry(new JarEntry(folder.relativize(file).toString()));
                    Files.copy(file, entries);
                }
            }
            Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
        }
        return jar.toString();
    }

    private static boolean isOlder(Path jar, List<Path> files) throws IOException {
        FileTime packed = Files.getLastModifiedTime(jar);
        for (Path file : files) {
            if (Files.getLastModifiedTime(file).compareTo(packed) >= 0) {
                return true;
            }
        }
        return false;
    }
}
