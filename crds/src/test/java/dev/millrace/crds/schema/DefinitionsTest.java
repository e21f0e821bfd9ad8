/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionsTest {

    private static final Path COMMITTED = Path.of("yaml");

    @Test
    void committedDefinitionsAreThoseOfTheRecords(@TempDir Path scratch) throws IOException {
        for (Map.Entry<String, String> definition : Definitions.generate(scratch).entrySet()) {
            Path file = COMMITTED.resolve(definition.getKey());
            if (Boolean.getBoolean("crds.update")) {
                Files.createDirectories(COMMITTED);
                Files.writeString(file, definition.getValue());
            }
            assertThat(Files.exists(file) ? Files.readString(file) : "")
                    .as(
                            "crds/%s differs from its record; run: mvn -pl crds -am test -Dcrds.update=true -Dtest=DefinitionsTest -Dsurefire.failIfNoSpecifiedTests=false",
                            file)
                    .isEqualTo(definition.getValue());
        }
    }
}
