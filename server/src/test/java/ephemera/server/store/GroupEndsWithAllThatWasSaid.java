package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.Caller;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Outgoing;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.KeyId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A group that is deleted, or left by its last member, takes its messages with it, like a topic. */
@Timeout(120)
class GroupEndsWithAllThatWasSaid {

    private static final byte[] FILE = "the plan, at length".repeat(5_000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Office office;
    private Household house;
    private Caller ann;
    private Caller ben;
    private Caller cleo;
    private ConversationId group;

    @BeforeEach
    void open() throws IOException {
        office = new Office(data, own);
        house = office.house;
        ann = office.caller();
        ben = office.caller();
        cleo = office.caller();
        group = house.node.group(List.of(ann.id(), ben.id()), true);
    }

    @AfterEach
    void close() {
        house.close();
        own.close();
    }

    private Message saysWithFile(Caller who, ConversationId where) {
        return office.says(who, where.toString(), "the plan", List.of(office.stored("plan.pdf", FILE)));
    }

    private Path file(Message message) {
        return office.place(message.slice()).resolve(Office.names(message).getFirst());
    }

    private Archive.Found found(Message message, Caller viewer) {
        return house.node.archive.message(message.id(), Node.ORGANIZATION, viewer.id());
    }

    private long alive(ConversationId conversation) {
        return house.node.number(
                "SELECT count(*) FROM message WHERE conversation_id = ? AND content IS NOT NULL AND expires_at > now()",
                conversation.value());
    }

    private void destroy() {
        house.node.journal.endDeleted();
        house.shredder.scrub();
        house.shredder.puncture();
    }

    private void leave(ConversationId which, PersonId... people) {
        house.node.journal.change(new Journal.Membership(which, ann.id(), List.of(), List.of(people), 0, true));
    }

    /** That of a message nothing is left: neither row, nor file, nor key; and that this is recorded. */
    private void assertDestroyed(Message message, KeyId key) {
        assertDestroyed(message, key, Deletion.Reason.REMOVED);
    }

    private void assertDestroyed(Message message, KeyId key, Deletion.Reason reason) {
        assertThat(house.node.number(
                "SELECT count(*) FROM message WHERE message_id = ? AND content IS NOT NULL", message.id().value()))
                .isZero();
        assertThat(house.ring.find(key)).as("its key").isEmpty();
        if (!message.content().attachments().isEmpty()) {
            assertThat(file(message)).as("its file").doesNotExist();
        }
        assertThat(house.recorded(message).orElseThrow().draft().reason()).isEqualTo(reason);
    }

    @Test
    void ofADeletedOneNothingIsLeft() throws IOException {
        Message said = saysWithFile(ann, group);
        Message answered = office.says(ben, group.toString(), "good plan", List.of());
        List<KeyId> keys = List.of(house.key(said), house.key(answered));
        assertThat(file(said)).exists();
        Message forwarded = office.sending.forward(ben, said.id(), Office.saying(cleo.id().toString(), "", List.of()))
                .message();
        Message direct = office.says(ann, ben.id().toString(), "only for you", List.of());
        ConversationId other = house.node.group(List.of(ann.id(), ben.id()), false);
        Message elsewhere = saysWithFile(ann, other);

        house.node.journal.delete(group, ann.id());
        destroy();

        assertDestroyed(said, keys.getFirst());
        assertDestroyed(answered, keys.getLast());
        assertThat(house.node.number("SELECT count(*) FROM doomed")).isZero();
        assertThat(house.read(direct, ben.id())).isPresent();
        assertThat(house.read(elsewhere, ben.id())).isPresent();
        assertThat(house.attachment(house.read(elsewhere, ben.id()).orElseThrow())).isEqualTo(FILE);
        // What was forwarded is a message of its own.
        assertThat(house.attachment(house.read(forwarded, cleo.id()).orElseThrow())).isEqualTo(FILE);
    }

    @Test
    void soDoesOneThatTheLastMemberLeft() {
        Message said = saysWithFile(ann, group);
        KeyId key = house.key(said);
        leave(group, ann.id());
        destroy();
        assertThat(house.read(said, ben.id())).as("somebody is in it").isPresent();

        leave(group, ben.id());
        assertThat(house.node.rooms.group(group)).isEmpty();
        assertThat(found(said, ben)).isInstanceOf(Archive.Found.Missing.class);
        destroy();
        assertDestroyed(said, key);
    }

    /** Contacts are no members: they get what is sent to them, and read nothing here. */
    @Test
    void alsoIfContactsAreLeft() {
        Message said = saysWithFile(ann, group);
        KeyId key = house.key(said);
        PersonId guest = house.node.contact();
        house.node.journal.change(new Journal.Membership(group, ann.id(), List.of(guest), List.of(), 0, false));
        leave(group, ann.id(), ben.id());
        destroy();
        assertDestroyed(said, key);
    }

    @Test
    void alsoIfTheLastOneIsErased() {
        Message said = office.says(ann, group.toString(), "the plan", List.of());
        KeyId key = house.key(said);
        leave(group, ann.id());
        new Erasure(house.node.database, new Json(), house.node.epochs, house.node.outbox).erase(ben.id());
        destroy();
        assertDestroyed(said, key);
    }

    @Test
    void butNotOneThatOthersMayJoin() {
        ConversationId open = house.node.journal.create(
                new Conversation.Group(
                        new ConversationId(Office.IDS.random()), Node.ORGANIZATION,
                        new Conversation.Looks("Open", "", Optional.empty(), true, true), ann.id(),
                        Clock.systemUTC().instant(), new LinkedHashSet<>(List.of(ann.id())), Set.of()),
                "").id();
        Message said = office.says(ann, open.toString(), "for whoever comes", List.of());
        leave(open, ann.id());
        destroy();
        assertThat(house.node.rooms.group(open)).isPresent();
        house.node.journal.change(new Journal.Membership(open, cleo.id(), List.of(cleo.id()), List.of(), 10, true));
        assertThat(house.read(said, cleo.id())).isPresent();
    }

    @Test
    void norOneWhoseMembersAreAllReplaced() {
        Message said = office.says(ann, group.toString(), "the plan", List.of());
        house.node.journal.change(new Journal.Membership(
                group, ann.id(), List.of(cleo.id()), List.of(ann.id(), ben.id()), 10, true));
        destroy();
        assertThat(house.read(said, cleo.id())).isPresent();
    }

    @Test
    void aServerThatDiesInBetweenIsFollowedByAnother() throws IOException {
        List<Outgoing> many = IntStream.range(0, 2_100)
                .mapToObj(_ -> Node.toGroup(ann.id(), group, "")).toList();
        List<Message> said = house.node.journal.send(many).stream().map(Journal.Appended::message).toList();
        house.node.journal.delete(group, ann.id());
        house.node.database.change(handle -> {
            Scribe scribe = new Scribe(handle, new Json());
            assertThat(Doom.endSome(scribe, group, scribe.head())).isEqualTo(Doom.AT_ONCE);
            return scribe;
        });
        assertThat(alive(group)).isEqualTo(100);
        house.close();

        office = new Office(data, own);
        house = office.house;
        destroy();
        assertThat(alive(group)).isZero();
        assertThat(house.node.number("SELECT count(*) FROM deletion WHERE kind = 'MESSAGE' AND reason = 'REMOVED'"))
                .isEqualTo(said.size());
    }

    @Test
    void exceptWhatIsHeld() throws IOException {
        Hold ofGroup = house.holds.place(Node.ORGANIZATION, new Hold.Target.OfConversation(group));
        ConversationId second = house.node.group(List.of(ann.id(), cleo.id()), false);
        Hold ofCleo = house.holds.place(Node.ORGANIZATION, new Hold.Target.OfPerson(cleo.id()));
        Message inGroup = saysWithFile(ann, group);
        Message toCleo = saysWithFile(ann, second);
        KeyId key = house.key(toCleo);
        house.node.journal.delete(group, ann.id());
        leave(second, ann.id(), cleo.id());
        destroy();

        assertThat(house.holds.extent(ofGroup.id()).messages()).isOne();
        assertThat(house.holds.extent(ofCleo.id()).messages()).isOne();
        assertThat(house.holds.extent(ofCleo.id()).lost()).isZero();
        assertThat(house.node.number("SELECT count(*) FROM held WHERE secured AND ended = 'REMOVED'")).isEqualTo(2);
        assertThat(house.recorded(toCleo)).as("it is not destroyed yet").isEmpty();
        assertThat(found(inGroup, ann)).isInstanceOf(Archive.Found.Missing.class);
        house.holds.release(ofGroup.id());
        house.holds.release(ofCleo.id());
        house.release.settle();
        assertDestroyed(toCleo, key, Deletion.Reason.RELEASED);
        assertThat(house.node.number("SELECT count(*) FROM held WHERE content IS NOT NULL")).isZero();
    }

    @Test
    void andThoseThatEarlierReleasesDeletedOrEverybodyLeft() {
        try (OwnDatabase other = new OwnDatabase();
                Database database = other.open(2)) {
            database.change(handle -> handle.execute("DROP SCHEMA public CASCADE"));
            database.change(handle -> handle.execute("CREATE SCHEMA public"));
            database.migrateTo("010");
            database.change(handle -> handle.execute(
                    """
                    INSERT INTO organization (organization_id, name, lifespan_standard, lifespan_shortest,
                                              lifespan_longest, delete_on_read, forwarding, attachments)
                    VALUES ('clinic', 'Clinic', 60, 1, 600, false, true, true)
                    """));
            database.change(handle -> handle.execute(
                    """
                    INSERT INTO conversation (conversation_id, organization_id, is_group, name, is_public, created_by,
                                              created_at, deleted)
                    SELECT gen_random_uuid(), 'clinic', is_group, name, is_public, gen_random_uuid(), now(), deleted
                      FROM (VALUES (true, 'deleted', false, true), (true, 'left', false, false),
                                   (true, 'public', true, false), (false, '', false, false))
                                AS old (is_group, name, is_public, deleted)
                    """));
            database.change(handle -> handle.execute("CREATE TABLE message_old PARTITION OF message DEFAULT"));
            database.change(handle -> handle.execute(
                    """
                    INSERT INTO message (epoch, position, sent_at, expires_at, key_tree, message_id, conversation_id,
                                         sender_id, key_leaf, lifespan, priority, delete_on_read, strict, recalled,
                                         organization_id, content)
                    SELECT 1, row_number() OVER (), now(), 'infinity', 1, gen_random_uuid(), conversation_id,
                           gen_random_uuid(), 1, 0, 0, false, false, false, 'clinic', 'said'
                      FROM conversation WHERE name <> 'left'
                    """));
            database.migrate();
            assertThat(names(database, "SELECT name FROM conversation WHERE deleted AND over_at <= now()"))
                    .as("what they were called").containsExactly("", "");
            assertThat(names(database, "SELECT name FROM conversation WHERE NOT deleted AND to_end_at IS NULL"))
                    .containsExactlyInAnyOrder("", "public");
            assertThat(names(database, "SELECT 'one' FROM conversation WHERE deleted AND to_end_at <= now()"))
                    .as("those in which something was said").hasSize(1);
        }
    }

    private static List<String> names(Database database, String query) {
        return database.read(handle -> handle.createQuery(query).mapTo(String.class).list());
    }
}
