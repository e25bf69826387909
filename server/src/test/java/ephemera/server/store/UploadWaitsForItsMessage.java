package ephemera.server.store;

import static ephemera.server.store.Office.assertRefused;
import static ephemera.server.store.Office.draft;
import static ephemera.server.store.Office.file;
import static ephemera.server.store.Office.id;
import static ephemera.server.store.Office.names;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.core.Lifespan;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Shelf;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.server.backup.Backup;
import ephemera.server.backup.KeysFile;
import ephemera.server.backup.Restore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file that came before its message: seen by its uploader, taken once, and waiting on if it was not. */
@Timeout(120)
class UploadWaitsForItsMessage {

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

    @Test
    void whichItsUploaderSees() throws IOException {
        Upload upload = office.uploads.upload(ann, office.stored("plan.txt", file(1)), "{\"notes\":\"draft\"}");
        assertThat(office.uploads.find(ann, id(upload)))
                .isInstanceOfSatisfying(Uploads.Found.Waiting.class, found -> {
                    assertThat(found.upload().attachment()).isEqualTo(upload.attachment());
                    assertThat(found.upload().details()).isEqualTo("{\"notes\":\"draft\"}");
                });
        assertThat(office.opened(ann, id(upload))).isEqualTo(file(1));
        assertThat(upload.attachment().storedAt().orElseThrow())
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
        Duration wait = Duration.between(Instant.now(), upload.slice().end());
        assertThat(wait).isBetween(Duration.ofHours(23), Duration.ofHours(25));
        Caller stranger = office.stranger();
        for (Caller other : List.of(ben, stranger)) {
            assertRefused(Failure.NOT_FOUND, () -> office.uploads.find(other, id(upload)));
            assertRefused(Failure.NOT_FOUND, () -> office.uploads.open(other, id(upload)));
            assertRefused(Failure.NOT_FOUND, () -> office.uploads.delete(other, id(upload)));
        }
        assertThat(office.opened(ann, id(upload))).isEqualTo(file(1));
    }

    @Test
    void ofWhichTheDatabaseTellsNothing() {
        Upload upload = office.uploads.upload(ann, office.stored("secret name.txt", file(1)), "{\"notes\":\"hush\"}");
        String row = house.node.database.read(handle -> handle.createQuery(
                "SELECT upload::text || encode(content, 'escape') FROM upload")
                .mapTo(String.class)
                .one());
        assertThat(row).contains(id(upload).toString()).doesNotContain("secret", "hush", "text/plain");
        byte[] content = house.node.database.read(handle -> handle.createQuery("SELECT content FROM upload")
                .mapTo(byte[].class)
                .one());
        String latin = new String(content, StandardCharsets.ISO_8859_1);
        assertThat(latin).doesNotContain(
                new String(upload.attachment().key().bytes(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void whichTakesItWithOthers() throws IOException {
        Upload first = upload(1);
        Upload second = upload(2);
        Attachment own = office.stored("own.txt", file(3));
        Message message = office.sending
                .send(ann, draft(ben, List.of(own), "", id(second), id(first)))
                .message();
        assertThat(message.content().attachments())
                .containsExactly(own, second.attachment(), first.attachment());
        assertThat(names(office.place(message.slice()))).containsExactlyInAnyOrderElementsOf(names(message));
        for (Caller reader : List.of(ann, ben)) {
            assertThat(office.opened(reader, id(first))).isEqualTo(file(1));
            assertThat(office.opened(reader, id(second))).isEqualTo(file(2));
            assertThat(office.opened(reader, own.blob())).isEqualTo(file(3));
            assertThat(office.uploads.find(reader, id(first))).isInstanceOf(Uploads.Found.Taken.class);
        }
        assertRefused(Failure.NOT_A_MEMBER, () -> office.uploads.open(cleo, id(first)));
        assertRefused(Failure.NOT_FOUND, () -> office.uploads.open(office.stranger(), id(first)));
        assertRefused(Failure.FORBIDDEN, () -> office.uploads.delete(ann, id(first)));
    }

    @Test
    void butOnlyOnce() {
        Upload upload = upload(1);
        send("", upload);
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE, () -> send("", upload));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE, () -> send("another request", upload));
        assertThat(house.node.number("SELECT count(*) FROM message")).isOne();
    }

    @Test
    void byOneOfManyAtOnce() throws Exception {
        Upload upload = upload(1);
        int sent = 0;
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Message>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                all.add(senders.submit(() -> send("", upload)));
            }
            for (Future<Message> each : all) {
                try {
                    each.get();
                    sent++;
                } catch (ExecutionException e) {
                    assertThat(e).cause().isInstanceOfSatisfying(Refused.class,
                            refused -> assertThat(refused.failure()).isEqualTo(Failure.ATTACHMENT_UNAVAILABLE));
                }
            }
        }
        assertThat(sent).isOne();
        assertThat(house.node.number("SELECT count(*) FROM message")).isOne();
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));
    }

    @Test
    void orByTheSameRequestAgain() throws Exception {
        Upload upload = upload(1);
        List<MessageId> sent = new ArrayList<>();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Message>> all = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                all.add(senders.submit(() -> send("again", upload)));
            }
            for (Future<Message> each : all) {
                sent.add(each.get().id());
            }
        }
        office.sweep.sweep();
        sent.add(send("again", upload).id());
        assertThat(sent).hasSize(11).containsOnly(sent.getFirst());
        assertThat(house.node.number("SELECT count(*) FROM message")).isOne();
        assertThat(office.opened(ben, id(upload))).isEqualTo(file(1));
    }

    @Test
    void orNotIfOneIsMissing() throws IOException {
        Upload upload = upload(1);
        UUID unknown = UUID.randomUUID();
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.sending.send(ann, draft(ben, List.of(), "", id(upload), unknown)));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.sending.send(ann, draft(ben, List.of(), "", id(upload), id(upload))));
        assertThat(house.node.number("SELECT count(*) FROM message")).isZero();
        assertThat(send("", upload).content().attachments()).containsExactly(upload.attachment());
        assertThat(names(house.files().resolve("new"))).isEmpty();
    }

    @Test
    void ofTheSameOrganization() {
        Upload upload = upload(1);
        Caller stranger = office.stranger();
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.sending.send(stranger, draft(stranger, List.of(), "", id(upload))));
        // A colleague may send what an application has uploaded.
        assertThat(office.sending.send(cleo, draft(ben, List.of(), "", id(upload))).repeated())
                .isFalse();
    }

    @Test
    void alsoOneOfSeveralMessages() throws IOException {
        Upload first = upload(1);
        Upload second = upload(2);
        String group = house.node.group(List.of(ann.id(), ben.id()), true).toString();
        List<Sending.Outcome> outcomes = office.sending.sendAll(ann, List.of(
                toGroup(group, "a", id(first)),
                toGroup(group, "b", id(second), UUID.randomUUID()),
                toGroup(group, "c", id(first)),
                toGroup(group, "d", id(second))));
        assertThat(outcomes.get(0)).isInstanceOf(Sending.Outcome.Sent.class);
        assertNotSent(outcomes.get(1), Failure.ATTACHMENT_UNAVAILABLE);
        assertNotSent(outcomes.get(2), Failure.ATTACHMENT_UNAVAILABLE);
        assertThat(outcomes.get(3)).isInstanceOf(Sending.Outcome.Sent.class);
        assertThat(office.opened(ben, id(first))).isEqualTo(file(1));
        assertThat(office.opened(ben, id(second))).isEqualTo(file(2));
        assertThat(office.rows("content IS NOT NULL")).isZero();
    }

    private static Draft toGroup(String group, String requestId, UUID... uploads) {
        return new Draft(
                group, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Priority.NORMAL,
                Content.NONE, requestId, "", List.of(uploads));
    }

    private static void assertNotSent(Sending.Outcome outcome, Failure failure) {
        assertThat(outcome).isInstanceOfSatisfying(Sending.Outcome.NotSent.class,
                notSent -> assertThat(notSent.refused().failure()).isEqualTo(failure));
    }

    /** A message that would be refused for its files is refused before a conversation is opened for it. */
    @Test
    void andIsAskedForBeforehand() {
        Upload upload = upload(1);
        office.uploads.require(cleo, List.of(id(upload)), "");
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.uploads.require(ann, List.of(id(upload), id(upload)), ""));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.uploads.require(ann, List.of(id(upload), UUID.randomUUID()), ""));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.uploads.require(office.stranger(), List.of(id(upload)), ""));
        send("mine", upload);
        office.uploads.require(ann, List.of(id(upload)), "mine");
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE, () -> office.uploads.require(ann, List.of(id(upload)), ""));
        assertRefused(Failure.ATTACHMENT_UNAVAILABLE,
                () -> office.uploads.require(cleo, List.of(id(upload)), "mine"));
    }

    /** A server died between the claim and the message, or between the message and the end of the claim. */
    @Test
    void orWaitsOnIfAServerDied() throws IOException {
        Upload lost = upload(1);
        Upload sent = upload(2);
        MessageId never = MessageId.next(Office.IDS, Household.GRID.slice(Instant.now(), Lifespan.ofMinutes(60)));
        house.node.epochs.require(never.slice().orElseThrow());
        Shelf.Claim claim = office.shelf.claim(
                List.of(id(lost)), Node.ORGANIZATION, new Shelf.Request(ann.id(), ""), never);
        assertThat(house.blobs.share(id(lost), lost.slice(), never.slice().orElseThrow())).isTrue();
        Message message = send("", sent);
        byte[] any = {1};
        house.node.execute("UPDATE upload SET content = ? WHERE upload_id = ?", any, id(sent));
        office.sweep.sweep();
        assertThat(office.rows("claim IS NOT NULL AND content IS NOT NULL")).as("it may be on its way").isEqualTo(2);

        house.node.execute("UPDATE upload SET claimed_at = claimed_at - interval '11 minutes'");
        office.sweep.sweep();
        assertThat(office.uploads.find(ann, claim.uploads().getFirst().attachment().blob()))
                .isInstanceOf(Uploads.Found.Waiting.class);
        assertThat(office.opened(ben, id(sent))).isEqualTo(file(2));
        assertThat(office.rows("shed")).isOne();
        assertThat(send("", lost).content().attachments()).containsExactly(lost.attachment());
        assertThat(office.opened(ben, id(lost))).isEqualTo(file(1));
        assertThat(message.content().attachments()).hasSize(1);
    }

    @Test
    void alsoInABackup() throws IOException {
        Upload waiting = upload(1);
        Upload taken = upload(2);
        send("", taken);
        office.sweep.sweep();
        Path archive = data.resolve("backup.zip");
        Path keys = data.resolve("keys.backup");
        assertThat(new Backup(house.node.database, house.files(), Clock.systemUTC()).write(archive).files())
                .isEqualTo(2);
        new KeysFile(keys).write(house.keys, Household.vault(house.data).root(), Clock.systemUTC());
        Path other = data.resolve("other");
        try (OwnDatabase fresh = new OwnDatabase()) {
            try (Database database = fresh.open(2); Restore restore = new Restore(archive, keys)) {
                restore.into(other, database, Household.vault(other), () -> Household.open(other));
            }
            try (Office restored = new Office(other, fresh)) {
                Caller again = restored.caller(ann.id());
                assertThat(restored.opened(again, id(waiting))).isEqualTo(file(1));
                assertThat(restored.opened(again, id(taken))).isEqualTo(file(2));
            }
        }
    }
}
