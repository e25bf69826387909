package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Credential;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Organization;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.directory.Profile;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.Slice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A household with the use cases on messages and files. */
final class Office implements AutoCloseable {

    static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());

    final Household house;
    final Reading reading;
    final PostgresShelf shelf;
    final Uploads uploads;
    final Sending sending;
    final UploadSweep sweep;

    /** Opens what is in a folder, on a database that the caller closes. */
    Office(Path data, OwnDatabase own) throws IOException {
        house = new Household(data, own);
        Node node = house.node;
        Directory directory = new Directory(node.people, IDS, Limits.DEFAULT);
        reading = new Reading(node.archive, node.journal, house.blobs, Limits.DEFAULT);
        shelf = new PostgresShelf(
                node.database, new Sealing(house.ring, new Json()), node.epochs, house.blobs,
                new PostgresAuditTrail(node.database, new Json(), node.epochs));
        uploads = new Uploads(
                directory, shelf, reading, house.blobs, Household.GRID, Clock.systemUTC(), Limits.DEFAULT);
        sending = new Sending(
                directory, node.rooms, node.journal, reading, uploads, house.blobs, IDS, Household.GRID,
                Clock.systemUTC(), Limits.DEFAULT);
        sweep = new UploadSweep(node.database, house.ring, house.blobs, shelf);
    }

    /** A new member, signed in. */
    Caller caller() {
        return caller(house.node.person());
    }

    /** Somebody, signed in. */
    Caller caller(PersonId person) {
        return new Caller(
                house.node.people.person(person).orElseThrow(),
                new Credential("key", new byte[0], person, Credential.Kind.SESSION, ""));
    }

    /** A member of another organization, signed in; there is one of them at most. */
    Caller stranger() {
        OrganizationId elsewhere = new OrganizationId("1".repeat(24));
        house.node.people.add(new Organization(elsewhere, "Elsewhere", Policy.DEFAULT));
        Person person = new Person(
                new PersonId(IDS.random()), elsewhere, Person.Standing.MEMBER, Profile.named("Stranger"),
                Optional.empty(), Optional.empty(), Optional.empty());
        house.node.people.add(List.of(person));
        return caller(person.id());
    }

    /** The content of the test's file with that number. */
    static byte[] file(int number) {
        return ("file " + number + " ").repeat(number * 10_000).getBytes(StandardCharsets.UTF_8);
    }

    /** A file as a door has it when its request is read. */
    Attachment stored(String name, byte[] bytes) {
        try {
            Blobs.Stored stored = house.blobs.put(new ByteArrayInputStream(bytes), Long.MAX_VALUE);
            return new Attachment(stored.id(), stored.key(), name, "text/plain", stored.size());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A file of the test that somebody uploads, which waits for its message. */
    Upload upload(Caller who, int number) {
        return uploads.upload(who, stored("plan " + number + ".txt", file(number)), "");
    }

    static UUID id(Upload upload) {
        return upload.attachment().blob();
    }

    /** What the key of a file that waits, or waited, is known by. */
    KeyId key(Upload upload) {
        return house.node.database.read(handle -> handle.createQuery("SELECT * FROM upload WHERE upload_id = :id")
                .bind("id", id(upload))
                .map((row, _) -> PostgresShelf.key(row))
                .one());
    }

    /** How many uploads there are for which a condition holds. */
    long rows(String condition) {
        return house.node.database.read(handle -> handle.createQuery("SELECT count(*) FROM upload WHERE <condition>")
                .define("condition", condition)
                .mapTo(Long.class)
                .one());
    }

    /** Sends a message with files that were uploaded. */
    Message send(Caller from, Caller to, String requestId, Upload... files) {
        UUID[] ids = Stream.of(files).map(Office::id).toArray(UUID[]::new);
        return sending.send(from, draft(to, List.of(), requestId, ids)).message();
    }

    static Draft draft(Caller to, List<Attachment> files, String requestId, UUID... uploads) {
        return new Draft(
                to.id().toString(), Optional.empty(), Optional.empty(), Optional.of(60L), Optional.empty(),
                Priority.NORMAL, new Content("with files", List.of(), files), requestId, "", List.of(uploads));
    }

    /** A message with that text and those files, to somebody or to a conversation, for an hour. */
    static Draft saying(String to, String text, List<Attachment> files) {
        return new Draft(
                to, Optional.empty(), Optional.empty(), Optional.of(60L), Optional.empty(), Priority.NORMAL,
                new Content(text, List.of(), files), "", "");
    }

    /** Sends such a message. */
    Message says(Caller who, String to, String text, List<Attachment> files) {
        return sending.send(who, saying(to, text, files)).message();
    }

    /** The folder of a slice's files. */
    Path place(Slice slice) {
        return house.files().resolve(Long.toString(house.node.epochs.require(slice).code()));
    }

    /** What is in a folder; nothing if it does not exist. */
    static List<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    static List<String> names(Message message) {
        return message.content().attachments().stream().map(file -> file.blob().toString()).toList();
    }

    /** What somebody gets who opens a file. */
    byte[] opened(Caller caller, UUID file) throws IOException {
        try (var content = uploads.open(caller, file).content()) {
            return content.readAllBytes();
        }
    }

    static void assertRefused(Failure failure, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(Refused.class, refused -> assertThat(refused.failure()).isEqualTo(failure));
    }

    @Override
    public void close() {
        house.close();
    }
}
