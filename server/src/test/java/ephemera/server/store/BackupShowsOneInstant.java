package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class BackupShowsOneInstant {

    @TempDir
    private Path temp;

    @Test
    void andKeepsNothingFromEnding() throws IOException {
        try (OwnDatabase own = new OwnDatabase();
                Household house = new Household(temp, own)) {
            PersonId ann = house.node.person();
            PersonId bob = house.node.person();
            house.node.direct(ann, bob);
            Slice ending = new Slice(Term.DAY, Instant.now().plusSeconds(7_000).getEpochSecond());
            house.send(ann, bob, "before");
            house.send(ann, bob, ending, "ends meanwhile", Optional.empty());
            long head = house.node.number("SELECT head FROM journal");
            try (Snapshot snapshot = Snapshot.take(house.node.database)) {
                house.send(ann, bob, "after");
                assertThat(snapshot.copy(CopiedTable.PERSON, new ByteArrayOutputStream())).isEqualTo(2);
                assertThat(snapshot.copy(CopiedTable.REQUEST, OutputStream.nullOutputStream())).isZero();
                assertThat(snapshot.facts().head()).isEqualTo(head);
                long messages = 0;
                Epoch last = house.node.epochs.require(ending);
                for (Epoch epoch : snapshot.facts().epochs()) {
                    if (!epoch.equals(last)) {
                        messages += snapshot.copy(CopiedTable.MESSAGE, epoch, OutputStream.nullOutputStream());
                    }
                }
                assertThat(messages).isEqualTo(1);
                assertThat(snapshot.copy(CopiedTable.MESSAGE, last, OutputStream.nullOutputStream())).isEqualTo(1);
                // What the server does as time passes waits for no lock of the backup.
                house.node.database.change(handle -> {
                    handle.execute("SET LOCAL lock_timeout = '10s'");
                    handle.execute("TRUNCATE request_0");
                    return handle.execute("SELECT drop_partition('message', ?)", last.code());
                });
                assertThat(snapshot.copy(CopiedTable.MESSAGE, last, OutputStream.nullOutputStream())).isZero();
            }
        }
    }
}
