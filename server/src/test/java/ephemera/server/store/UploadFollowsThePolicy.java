package ephemera.server.store;

import static ephemera.server.store.Office.assertRefused;
import static ephemera.server.store.Office.draft;
import static ephemera.server.store.Office.file;
import static ephemera.server.store.Office.id;
import static ephemera.server.store.Office.names;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.core.Lifespan;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Policy;
import ephemera.core.talk.Content;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Shelf;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an organization decides about messages holds for the files that come before them. */
@Timeout(120)
class UploadFollowsThePolicy {

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

    private void set(boolean deleteOnRead, boolean attachments, boolean kept, boolean strict) {
        Policy policy = Policy.DEFAULT;
        office.house.node.people.update(new Organization(Node.ORGANIZATION, "Clinic", new Policy(
                policy.standard(), policy.shortest(), policy.longest(), deleteOnRead, true, attachments, kept,
                strict)));
    }

    private Upload upload(int number) {
        return office.upload(ann, number);
    }

    private Message send(Upload upload) {
        Draft draft = new Draft(
                ben.id().toString(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Priority.NORMAL, Content.NONE, "", "", List.of(id(upload)));
        return office.sending.send(ann, draft).message();
    }

    @Test
    void whichMayForbidFiles() throws IOException {
        Upload upload = upload(1);
        set(false, false, false, false);
        assertRefused(Failure.ATTACHMENTS_FORBIDDEN, () -> upload(2));
        assertRefused(Failure.ATTACHMENTS_FORBIDDEN, () -> send(upload));
        assertRefused(
                Failure.ATTACHMENTS_FORBIDDEN,
                () -> office.sending.require(ann, draft(ben, List.of(), "", id(upload))));
        assertThat(names(office.house.files().resolve("new"))).isEmpty();
    }

    /** Whoever looks at the file has read the message, and can have the file for a minute. */
    @Test
    void orWantStrictReading() throws IOException {
        set(true, true, false, true);
        Upload upload = upload(1);
        Message message = send(upload);
        assertThat(office.uploads.find(ann, id(upload))).isInstanceOf(Uploads.Found.Taken.class);
        assertRefused(Failure.FORBIDDEN, () -> office.uploads.delete(ben, id(upload)));
        assertThat(office.uploads.find(ben, id(upload))).isInstanceOf(Uploads.Found.Taken.class);
        assertRefused(Failure.NOT_FOUND, () -> office.reading.message(ben, message.id()));
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));
        office.house.node.execute("UPDATE burn SET gone_at = gone_at - interval '1 minute'");
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.find(ben, id(upload)));
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.open(ben, id(upload)));
    }

    @Test
    void orKeepMessages() throws IOException {
        set(false, true, true, false);
        Upload upload = upload(1);
        MessageId never =
                MessageId.next(Office.IDS, Household.GRID.slice(Instant.now(), Lifespan.KEPT));
        office.house.node.epochs.require(never.slice().orElseThrow());
        office.shelf.release(office.shelf.claim(
                List.of(id(upload)), Node.ORGANIZATION, new Shelf.Request(ann.id(), ""), never));
        assertThat(office.opened(ann, id(upload))).as("it waits on").isEqualTo(file(1));
        Message message = send(upload);
        assertThat(message.lifespan()).isEqualTo(Lifespan.KEPT);
        office.sweep.sweep();
        office.house.node.execute("UPDATE upload SET ends_at = now(), claimed_at = claimed_at - interval '2 days'");
        office.sweep.sweep();
        assertThat(office.house.node.number("SELECT count(*) FROM upload")).isZero();
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));
    }
}
