package ephemera.server.store;

import static ephemera.server.store.Office.assertRefused;
import static ephemera.server.store.Office.file;
import static ephemera.server.store.Office.id;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.core.vault.KeyId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Uploaders list their files, and say something of them, which is sealed and destroyed like what messages say. */
@Timeout(120)
class UploaderDescribesWhatWaits {

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Office office;
    private Caller ann;
    private Caller ben;

    @BeforeEach
    void open() throws IOException {
        office = new Office(data.resolve("house"), own);
        ann = office.caller();
        ben = office.caller();
    }

    @AfterEach
    void close() {
        office.close();
        own.close();
    }

    private Upload upload(int number) {
        return office.upload(ann, number);
    }

    private List<UUID> sent(Upload upload) {
        return office.send(ann, ben, "", upload).content().attachments().stream().map(each -> each.blob()).toList();
    }

    @Test
    void inOtherWordsLater() {
        Upload upload = upload(1);
        KeyId first = office.key(upload);
        assertThat(office.uploads.describe(ann, id(upload), before -> before + "{\"notes\":\"one\"}").details())
                .isEqualTo("{\"notes\":\"one\"}");
        KeyId second = office.key(upload);
        assertThat(second).isNotEqualTo(first);
        assertThat(office.uploads.describe(ann, id(upload), _ -> "{}")).isEqualTo(upload.saying("{}"));
        assertThat(office.uploads.find(ann, id(upload)))
                .isEqualTo(new Uploads.Found.Waiting(upload.saying("{}")));
        office.sweep.sweep();
        assertThat(office.house.ring.find(first)).as("what was said before is gone").isEmpty();
        assertThat(office.house.ring.find(second)).isEmpty();
        assertThat(office.house.ring.find(office.key(upload))).isPresent();
        assertThat(office.house.node.number("SELECT count(*) FROM upload WHERE content IS NOT NULL")).isOne();

        assertRefused(Failure.NOT_FOUND, () -> office.uploads.describe(ben, id(upload), _ -> "{}"));
        assertRefused(Failure.INVALID, () -> office.uploads.describe(ann, id(upload), _ -> "x".repeat(20_000)));
        assertThat(sent(upload)).containsExactly(id(upload));
        assertRefused(Failure.FORBIDDEN, () -> office.uploads.describe(ann, id(upload), _ -> "{}"));
        office.house.node.execute("UPDATE upload SET ends_at = now()");
        office.sweep.sweep();
        assertThat(office.house.node.number("SELECT count(*) FROM upload WHERE claim IS NULL"))
                .as("what the old keys were known by").isZero();
    }

    @Test
    void inTheOrderInWhichTheyCame() {
        List<Upload> all = Stream.of(1, 2, 3, 4).map(this::upload).toList();
        office.uploads.upload(ben, office.stored("of ben.txt", file(5)), "");
        sent(all.get(2));
        List<Upload> waiting = List.of(all.get(0), all.get(1), all.get(3));
        assertThat(office.uploads.waiting(ann, Optional.empty(), Optional.empty(), false, 10))
                .containsExactlyElementsOf(waiting);
        assertThat(office.uploads.waiting(ann, Optional.empty(), Optional.empty(), true, 10))
                .containsExactlyElementsOf(waiting.reversed());
        assertThat(office.uploads.waiting(ann, Optional.empty(), Optional.of(id(all.get(1))), false, 10))
                .containsExactly(all.get(3));
        assertThat(office.uploads.waiting(ann, Optional.empty(), Optional.of(id(all.get(3))), true, 1))
                .containsExactly(all.get(1));
        assertThat(office.uploads.waiting(
                ann, Optional.of(Set.of(id(all.get(0)), id(all.get(2)))), Optional.empty(), false, 10))
                .containsExactly(all.get(0));
        assertThat(office.uploads.waiting(ann, Optional.of(Set.of()), Optional.empty(), false, 10)).isEmpty();
    }
}
