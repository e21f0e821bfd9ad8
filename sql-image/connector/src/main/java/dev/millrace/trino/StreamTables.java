/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamView;
import dev.millrace.table.TableDescription;
import dev.millrace.table.TableDescriptions;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which tables there are: those that a session describes, those that are described by files, and
 * every other stream of the pool by its name in lower case.
 */
final class StreamTables {

    private final Optional<Path> directory;
    private final Pool pool;

    StreamTables(Optional<Path> directory, Pool pool) {
        this.directory = directory;
        this.pool = pool;
    }

    /** The names of all tables. */
    Set<String> names(ConnectorSession session) {
        Set<String> names = new TreeSet<>();
        ofSession(session).forEach(table -> names.add(table.name()));
        for (StreamView stream : pool.map().streams()) {
            names.add(stream.state().name().value().toLowerCase(Locale.ROOT));
        }
        directory.ifPresent(files -> {
            try (Stream<Path> list = Files.list(files)) {
                list.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith(TableDescription.SUFFIX))
                        .map(file ->
                                file.substring(0, file.length() - TableDescription.SUFFIX.length()))
                        .forEach(names::add);
            } catch (NoSuchFileException _) {
                // Nothing is described yet.
            } catch (IOException e) {
                throw new TrinoException(StandardErrorCode.GENERIC_INTERNAL_ERROR, e);
            }
        });
        return names;
    }

    /**
     * A table by its name.
     *
     * @throws TrinoException if its description is wrong
     */
    Optional<TableDescription> find(ConnectorSession session, String table) {
        return ofSession(session).stream()
                .filter(described -> described.name().equals(table))
                .findFirst()
                .or(() -> described(table))
                .or(() -> undescribed(table));
    }

    private static List<TableDescription> ofSession(ConnectorSession session) {
        String text = session.getProperty(TableDescriptions.SESSION_PROPERTY, String.class);
        try {
            return TableDescriptions.decode(text == null ? "" : text);
        } catch (IllegalArgumentException e) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_SESSION_PROPERTY, String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<TableDescription> described(String table) {
        if (directory.isEmpty() || table.contains("/")) {
            return Optional.empty();
        }
        Path file = directory.get().resolve(table + TableDescription.SUFFIX);
        try {
            return Optional.of(TableDescription.parse(Files.readString(file)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_TABLE_PROPERTY, table + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new TrinoException(StandardErrorCode.GENERIC_INTERNAL_ERROR, e);
        }
    }

    private Optional<TableDescription> undescribed(String table) {
        return pool.map().streams().stream()
                .map(stream -> stream.state().name())
                .filter(name -> name.value().toLowerCase(Locale.ROOT).equals(table))
                .findFirst()
                .map((StreamName name) -> TableDescription.ofStream(name));
    }
}
