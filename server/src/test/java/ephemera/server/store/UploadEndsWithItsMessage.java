package ephemera.server.store;

import static ephemera.server.store.Office.assertRefused;
import static ephemera.server.store.Office.draft;
import static ephemera.server.store.Office.file;
import static ephemera.server.store.Office.id;
import static ephemera.server.store.Office.names;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Content;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Shelf;
import ephemera.core.talk.Upload;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file that a message took ends with that; one that nobody takes is gone after a day, with its key. */
@Timeout(120)
class UploadEndsWithItsMessage {

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Office office;
    private Household house;
    private Caller ann;
    private Caller ben;
    private Caller cleo;

    @BeforeEach
    void open() throws IOException {
        office = new Office(data.resolve("house"), own);
        house = office.house;
        ann = office.caller();
        ben = office.caller();
        cleo = office.caller();
    }

    @AfterEach
    void close() {
        office.close();
        own.close();
    }

    private Upload upload(int number) {
        return office.upload(ann, number);
    }

    private Message send(String requestId, Upload... uploads) {
        return office.send(ann, ben, requestId, uploads);
    }

    /** Lets the time of a slice and its epoch be over. */
    private void end(Slice slice) {
        Epoch epoch = house.node.epochs.require(slice);
        house.node.execute("UPDATE slice SET ends_at = now() WHERE slice = ?", slice.code());
        house.node.execute("UPDATE epoch SET ends_at = now() WHERE epoch = ?", epoch.code());
        house.node.execute("UPDATE upload SET ends_at = now() WHERE slice = ?", slice.code());
        house.shredder.destroySlices();
        house.shredder.closeEpochs();
        office.sweep.sweep();
    }

    @Test
    void andNotBefore() throws IOException {
        Upload upload = upload(1);
        KeyId key = office.key(upload);
        Message message = send("", upload);
        assertThat(office.rows("content IS NULL AND claim IS NOT NULL")).isOne();
        office.sweep.sweep();
        assertThat(house.ring.find(key)).isEmpty();
        assertThat(names(office.place(upload.slice()))).isEmpty();
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));
        // The upload's time ends before the message's.
        end(upload.slice());
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));

        office.reading.recall(ann, message.id());
        house.shredder.scrub();
        house.shredder.puncture();
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.open(ben, id(upload)));
        assertThat(names(office.place(message.slice()))).isEmpty();
    }

    /** Its file is where it was, since both end with one epoch. */
    @Test
    void alsoIfTheirTimesEndTogether() throws IOException {
        Upload upload = upload(1);
        MessageId never = MessageId.next(Office.IDS, upload.slice());
        office.shelf.release(office.shelf.claim(
                List.of(id(upload)), Node.ORGANIZATION, new Shelf.Request(ann.id(), ""), never));
        assertThat(office.opened(ann, id(upload))).isEqualTo(file(1));

        Draft day = new Draft(
                ben.id().toString(), Optional.empty(), Optional.empty(), Optional.of(24L * 60), Optional.empty(),
                Priority.NORMAL, Content.NONE, "", "", List.of(id(upload)));
        Message message = office.sending.send(ann, day).message();
        assertThat(house.node.epochs.find(message.slice())).isEqualTo(house.node.epochs.find(upload.slice()));
        office.sweep.sweep();
        assertThat(office.rows("shed")).isOne();
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));
    }

    @Test
    void orAloneIfThereIsNone() {
        Upload upload = upload(1);
        KeyId key = office.key(upload);
        Path place = office.place(upload.slice());
        assertThat(house.ring.find(key)).isPresent();
        end(upload.slice());
        assertThat(house.ring.find(key)).isEmpty();
        assertThat(place).doesNotExist();
        assertThat(office.rows("true")).isZero();
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.find(ann, id(upload)));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE, () -> send("", upload));
    }

    @Test
    void orWhenItIsDeleted() throws IOException {
        Upload upload = upload(1);
        Upload other = upload(2);
        KeyId key = office.key(upload);
        assertThat(office.uploads.delete(ann, id(upload)).attachment()).isEqualTo(upload.attachment());
        assertThat(names(office.place(upload.slice()))).containsExactly(id(other).toString());
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.open(ann, id(upload)));
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.delete(ann, id(upload)));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE, () -> send("", upload));
        office.sweep.sweep();
        assertThat(house.ring.find(key)).isEmpty();
        assertThat(house.ring.find(office.key(other))).isPresent();
    }

    @Test
    void orIsErasedWithItsUploader() throws IOException {
        Upload upload = upload(1);
        KeyId key = office.key(upload);
        new Erasure(house.node.database, new Json(), house.node.epochs, house.node.outbox).erase(ann.id());
        office.sweep.sweep();
        assertThat(office.rows("content IS NOT NULL")).isZero();
        assertThat(house.ring.find(key)).isEmpty();
        assertThat(names(office.place(upload.slice()))).isEmpty();
        assertRefused(
                Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.sending.send(cleo, draft(ben, List.of(), "", id(upload))));
    }
}
