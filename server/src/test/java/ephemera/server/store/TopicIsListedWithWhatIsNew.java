package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Address;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Credential;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Profile;
import ephemera.core.talk.Archive;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import ephemera.core.talk.Priority;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Topic;
import ephemera.core.talk.TopicArchive;
import ephemera.core.talk.TopicQuery;
import ephemera.core.talk.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is unread, what is newest and what is open is told of each topic as each member sees it. */
@Timeout(120)
class TopicIsListedWithWhatIsNew {

    private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Household house;
    private Node node;
    private Sending sending;
    private Topics topics;
    private Caller ann;
    private Caller ben;
    private Caller cleo;

    @BeforeEach
    void open() throws IOException {
        Office office = new Office(data.resolve("house"), own);
        house = office.house;
        node = house.node;
        sending = office.sending;
        topics = new Topics(
                node.people, node.rooms, new PostgresTopics(node.database, node.sealing), node.journal, IDS,
                Clock.systemUTC(), Limits.DEFAULT);
        ann = caller(node.person());
        ben = caller(node.person());
        cleo = caller(node.person());
    }

    @AfterEach
    void close() {
        house.close();
        own.close();
    }

    private Caller caller(PersonId person) {
        return new Caller(
                node.people.person(person).orElseThrow(),
                new Credential("key", new byte[0], person, Credential.Kind.SESSION, ""));
    }

    private ConversationId opened(String subject, Optional<String> entity) {
        return topics.open(ann, new Topic.About(subject, entity, ""), "");
    }

    private Message says(Caller who, ConversationId topic, String text) {
        return says(who, topic, text, 60);
    }

    private Message says(Caller who, ConversationId topic, String text, long minutes) {
        Sending.Outcome outcome = sending.sendAll(who, List.of(draft(topic, text, minutes))).getFirst();
        if (outcome instanceof Sending.Outcome.Sent(Message message)) {
            return message;
        }
        throw new AssertionError(outcome);
    }

    private static Draft draft(ConversationId topic, String text, long minutes) {
        return new Draft(
                topic.toString(), Optional.empty(), Optional.empty(), Optional.of(minutes), Optional.empty(),
                Priority.NORMAL, new Content(text, List.of(), List.of()), "", "");
    }

    private static TopicQuery all(int limit, Optional<TopicQuery.Place> from) {
        return new TopicQuery(
                Optional.empty(), List.of(), Optional.empty(), Optional.empty(), List.of(),
                TopicQuery.Order.CREATED, true, from, false, limit);
    }

    @Test
    void whatOthersWriteIsUnreadUntilItIsReadAtWhateverDoor() {
        ConversationId topic = opened("Invoice 12", Optional.of("btxn_12"));
        assertThat(topics.topic(ben, topic).unread()).isFalse();
        Message first = says(ann, topic, "please look");
        assertThat(topics.topic(ann, topic).unread()).as("own messages").isFalse();
        assertThat(topics.topic(ben, topic).unread()).isTrue();
        assertThat(topics.topic(ben, topic).latest().orElseThrow().content().body()).isEqualTo("please look");

        says(ben, topic, "an answer");
        assertThat(topics.topic(ben, topic).unread()).as("what is before an own message").isTrue();
        assertThat(topics.topic(ann, topic).unread()).isTrue();

        node.journal.mark(ben.id(), Map.of(first.id(), ReceiptStatus.READ));
        assertThat(topics.topic(ben, topic).unread()).isFalse();
        topics.read(ann, topic);
        assertThat(topics.topic(ann, topic).unread()).isFalse();

        topics.unread(ann, topic);
        assertThat(topics.topic(ann, topic).unread()).isTrue();
        topics.read(ann, topic);
        assertThat(topics.topic(ann, topic).unread()).isFalse();
    }

    @Test
    void whoeverWritesOpensItAgain() {
        ConversationId topic = opened("Invoice 13", Optional.empty());
        topics.change(ben, topic, new Topic.Change(
                Optional.of("Invoice 13a"), Optional.empty(), Optional.empty(), Optional.of(true)));
        assertThat(topics.topic(ann, topic).resolved()).isTrue();
        assertThat(topics.topic(ann, topic).about().subject()).isEqualTo("Invoice 13a");
        assertThat(topics.topic(ann, topic).unread()).isFalse();
        says(cleo, topic, "not yet");
        assertThat(topics.topic(ann, topic).resolved()).isFalse();
    }

    @Test
    void whatIsRecalledIsTheNewestNoMore() {
        ConversationId topic = opened("Invoice 14", Optional.empty());
        says(ann, topic, "one");
        Message second = says(ann, topic, "two");
        node.journal.recall(second);
        assertThat(topics.topic(ben, topic).latest().orElseThrow().content().body()).isEqualTo("one");
    }

    @Test
    void pagesOfTopicsHaveNoGapsAndNoRepeats() {
        List<ConversationId> opened = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            opened.add(opened("number " + i, Optional.of("e" + i % 2)));
        }
        List<ConversationId> told = new ArrayList<>();
        Optional<TopicQuery.Place> from = Optional.empty();
        TopicQuery.Page page;
        do {
            page = topics.query(ben, all(3, from));
            page.topics().forEach(each -> told.add(each.id()));
            Topic last = page.topics().getLast();
            from = Optional.of(new TopicQuery.Place(last.createdAt(), last.id()));
        } while (page.more());
        assertThat(told).containsExactlyElementsOf(opened);

        TopicQuery about = new TopicQuery(
                Optional.of(List.of("e1", "e1", "none")), List.of("e2"), Optional.of(false), Optional.of(false),
                List.of(new TopicQuery.TextTest(
                        TopicQuery.TextTest.Field.SUBJECT, TopicQuery.TextTest.Operator.CONTAIN, "NUMBER")),
                TopicQuery.Order.CHANGED, false, Optional.empty(), false, 10);
        assertThat(topics.query(ben, about).topics()).extracting(Topic::id)
                .containsExactly(opened.get(5), opened.get(3), opened.get(1));
    }

    @Test
    void messagesComeInPagesFromBothSides() {
        ConversationId topic = opened("talk", Optional.empty());
        List<Message> said = new ArrayList<>();
        sending.sendAll(ann, List.of(
                draft(topic, "0", 60), draft(topic, "1", 60), draft(topic, "", 60), draft(topic, "2", 60)))
                .forEach(outcome -> {
                    if (outcome instanceof Sending.Outcome.Sent(Message message)) {
                        said.add(message);
                    }
                });
        assertThat(said).hasSize(3);
        TopicArchive.Messages two = topics.messages(ben, topic, Position.START, false, 2);
        assertThat(two.messages()).extracting(each -> each.content().body()).containsExactly("0", "1");
        assertThat(two.more()).isTrue();
        TopicArchive.Messages rest = topics.messages(ben, topic, two.messages().getLast().position(), false, 2);
        assertThat(rest.messages()).extracting(each -> each.content().body()).containsExactly("2");
        assertThat(rest.more()).isFalse();
        TopicArchive.Messages back = topics.messages(ben, topic, said.getLast().position(), true, 1);
        assertThat(back.messages()).extracting(each -> each.content().body()).containsExactly("1");
        assertThat(back.more()).isTrue();
    }

    /** Whoever is in a topic's group may let somebody into it who has an address only. */
    @Test
    void aContactIsReachedByWhatIsSaidTogetherToo() {
        Person contact = new Person(
                new PersonId(IDS.random()), Node.ORGANIZATION, Person.Standing.CONTACT, Profile.named("Pat"),
                Address.parse("pat@example.org").map(Address.Email.class::cast), Optional.empty(), Optional.empty());
        node.people.add(List.of(contact));
        ConversationId reaching = opened("reaching", Optional.empty());
        ConversationId plain = opened("plain", Optional.empty());
        node.journal.change(new Journal.Membership(
                reaching, ann.id(), List.of(contact.id()), List.of(), 0, true));

        List<Sending.Outcome> outcomes = sending.sendAll(ann, List.of(
                draft(reaching, "0", 60), draft(plain, "1", 60), draft(reaching, "", 60), draft(reaching, "3", 60)));

        assertThat(outcomes).satisfiesExactly(
                outcome -> assertThat(said(outcome)).isEqualTo("0"),
                outcome -> assertThat(said(outcome)).isEqualTo("1"),
                outcome -> assertThat(outcome).isInstanceOf(Sending.Outcome.NotSent.class),
                outcome -> assertThat(said(outcome)).isEqualTo("3"));
        assertThat(topics.messages(ben, reaching, Position.START, false, 10).messages())
                .extracting(each -> each.content().body())
                .containsExactly("0", "3");
        assertThat(topics.topic(ben, reaching).latest().orElseThrow().content().body()).isEqualTo("3");
        assertThat(node.number("SELECT count(*) FROM delivery WHERE person_id = ?", contact.id().value()))
                .isEqualTo(2);
    }

    private static String said(Sending.Outcome outcome) {
        return outcome instanceof Sending.Outcome.Sent(Message message) ? message.content().body() : "";
    }

    @Test
    void onlyWhoOpenedItMayDeleteIt() {
        ConversationId topic = opened("gone", Optional.empty());
        assertThatThrownBy(() -> topics.delete(ben, topic))
                .isInstanceOfSatisfying(Refused.class, refused -> assertThat(refused.failure())
                        .isEqualTo(Failure.FORBIDDEN));
        topics.delete(ann, topic);
        assertThatThrownBy(() -> topics.topic(ann, topic))
                .isInstanceOfSatisfying(Refused.class, refused -> assertThat(refused.failure())
                        .isEqualTo(Failure.NOT_FOUND));
        assertThat(topics.query(ben, all(10, Optional.empty())).topics()).isEmpty();
    }

    @Test
    void inALargeOrganizationThoseTakePartWhoRunItAndJoinWhoWrites() {
        Topics small = new Topics(
                node.people, node.rooms, new PostgresTopics(node.database, node.sealing),
                node.journal, IDS, Clock.systemUTC(), Limits.DEFAULT.with(
                        Limits.DEFAULT.bodyBytes(), Limits.DEFAULT.requestBytes(), Limits.DEFAULT.attachmentBytes(),
                        Limits.DEFAULT.uploadsPerPerson(), Limits.DEFAULT.uploadsPerClient(),
                        Limits.DEFAULT.groupMembers(), 2, 10, 100));
        ConversationId topic = small.open(ann, new Topic.About("Everybody", Optional.empty(), ""), "");
        assertThat(members(topic)).containsExactly(ann.id());
        assertThat(topics.topic(ben, topic).about().subject()).as("who is not in it sees it").isEqualTo("Everybody");
        small.join(ben, topic);
        says(ben, topic, "me too");
        assertThat(members(topic)).containsExactlyInAnyOrder(ann.id(), ben.id());

        ConversationId all = opened("All", Optional.empty());
        assertThat(members(all)).contains(ann.id(), ben.id(), cleo.id());
    }

    /** Otherwise each look at a topic that has fallen silent would ask every partition for an earlier message. */
    @Test
    void itIsKnownWhenTheLastOfItsMessagesIsOver() {
        ConversationId topic = opened("Invoice 14", Optional.empty());
        assertThat(speaks(topic)).as("before anything was said").isFalse();
        Message lasting = says(ann, topic, "for two hours", 120);
        Message brief = says(ann, topic, "for one hour", 60);
        assertThat(count("SELECT count(*) FROM topic WHERE speaks_until = (SELECT max(expires_at) FROM message)"))
                .isEqualTo(1);

        node.journal.recall(brief);
        assertThat(topics.topic(ben, topic).latest().map(Message::id)).contains(lasting.id());

        node.execute("UPDATE topic SET speaks_until = now()");
        assertThat(speaks(topic)).isFalse();
        assertThat(topics.topic(ben, topic).latest()).isEmpty();
    }

    /** Otherwise a stream that begins would ask every partition for each of the thousands of topics of its person. */
    @Test
    void whatASilentTopicHoldsIsNotLookedFor() {
        ConversationId topic = opened("Invoice 15", Optional.empty());
        Message said = says(ann, topic, "please look");
        node.journal.react(AuditTrail.Editor.of(ben), said, Emoji.EYES);
        List<Notice> told = told();
        assertThat(told).hasAtLeastOneElementOfType(Notice.Sent.class)
                .hasAtLeastOneElementOfType(Notice.Reacted.class);

        node.execute("UPDATE topic SET speaks_until = now()");
        assertThat(told()).doesNotHaveAnyElementsOfTypes(Notice.Sent.class)
                .hasAtLeastOneElementOfType(Notice.Reacted.class);
        node.execute("UPDATE topic SET noticed_until = now()");
        assertThat(told()).doesNotHaveAnyElementsOfTypes(Notice.Sent.class, Notice.Reacted.class);

        says(ben, topic, "an answer");
        node.journal.react(AuditTrail.Editor.of(ann), said, Emoji.RED_HEART);
        assertThat(told()).as("both speak again").hasSize(told.size() + 2);
    }

    private List<Notice> told() {
        return node.log.read(ann.id(), Position.START, false, 1_000).entries().stream().map(Entry::notice).toList();
    }

    private boolean speaks(ConversationId topic) {
        return node.database.read(handle -> handle.createQuery(
                "SELECT speaks_until > now() FROM topic WHERE conversation_id = :topic")
                .bind("topic", topic.value())
                .mapTo(Boolean.class)
                .one());
    }

    private Set<PersonId> members(ConversationId topic) {
        return node.rooms.group(topic).orElseThrow().members();
    }

    @Test
    void aDeletedOneTakesItsMessagesWithIt() {
        ConversationId topic = opened("To be deleted", Optional.empty());
        List<Message> said = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            said.add(says(ben, topic, "message " + i));
        }
        Message elsewhere = says(ben, opened("To stay", Optional.empty()), "stays");
        topics.delete(ann, topic);
        node.journal.endDeleted();
        for (Message message : said) {
            assertThat(found(message)).isInstanceOf(Archive.Found.Missing.class);
        }
        long left = count("SELECT count(*) FROM message WHERE content IS NOT NULL");
        long doomed = count("SELECT count(*) FROM doomed");
        assertThat(left).isEqualTo(1);
        assertThat(doomed).isEqualTo(3);
        assertThat(found(elsewhere)).isInstanceOf(Archive.Found.Visible.class);
    }

    private Archive.Found found(Message message) {
        return node.archive.message(message.id(), ben.organization(), ben.id());
    }

    private long count(String query) {
        return node.database.read(handle -> handle.createQuery(query).mapTo(Long.class).one());
    }
}
