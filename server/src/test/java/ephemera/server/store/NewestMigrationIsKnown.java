package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NewestMigrationIsKnown {

    @Test
    void asTheLastFileIs() throws Exception {
        URI folder = Database.class.getResource("/db/migration").toURI();
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            String last = files.map(file -> file.getFileName().toString()).sorted().toList().getLast();
            assertThat(last).startsWith("V" + Database.NEWEST_MIGRATION + "__").endsWith(".sql");
        }
    }
}
