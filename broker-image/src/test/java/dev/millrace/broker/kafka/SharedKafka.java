/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One real Kafka for all tests of a run, as a {@link KafkaNode} parameter. */
public final class SharedKafka implements ParameterResolver {

    private record Held(KafkaNode node, Path directory) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            node.close();
            try (var files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KafkaNode.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(SharedKafka.class))
                .computeIfAbsent(Held.class, _ -> start(), Held.class)
                .node();
    }

    private static Held start() {
        try {
            Path directory = Files.createTempDirectory("millrace-kafka");
            KafkaNode node =
                    new KafkaNode(
                            NodeSettings.alone(
                                    directory, "127.0.0.1", 0, Uuid.randomUuid().toString()));
            node.start();
            return new Held(node, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
