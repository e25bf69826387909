package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A database that goes away without a word, as when a network drops its packets, is not waited for without end. */
class SilentDatabaseIsGivenUp {

    @Test
    void everyConnectionHasATimeout() throws SQLException {
        try (OwnDatabase own = new OwnDatabase();
                Database database = own.open(2);
                Connection kept = database.connect("test")) {
            int pooled = database.read(handle -> {
                try {
                    return handle.getConnection().getNetworkTimeout();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(Duration.ofMillis(pooled)).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(5));
            assertThat(Duration.ofMillis(kept.getNetworkTimeout()))
                    .isBetween(Duration.ofSeconds(30), Duration.ofMinutes(5));
        }
    }
}
