package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.Caller;
import ephemera.core.talk.Archive;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of a group that is deleted nobody is shown anything, long before all that was said in it has ended. */
@Timeout(120)
class DeletedGroupIsShownToNobody {

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

    private Archive.Found found(Message message, Caller viewer) {
        return house.node.archive.message(message.id(), Node.ORGANIZATION, viewer.id());
    }

    /** The events of somebody's streams from the beginning, acknowledged or not. */
    private List<Notice> replayed(Caller who) {
        return house.node.log.read(who.id(), Position.START, true, 10_000).entries().stream()
                .map(entry -> entry.notice()).toList();
    }

    private long alive(ConversationId conversation) {
        return house.node.number(
                "SELECT count(*) FROM message WHERE conversation_id = ? AND content IS NOT NULL AND expires_at > now()",
                conversation.value());
    }

    @Test
    void fromTheFirstMoment() {
        Message said = office.says(ann, group.toString(), "the plan", List.of());
        house.node.journal.react(AuditTrail.Editor.of(ben), said, Emoji.EYES);
        house.node.journal.change(new Journal.Membership(group, ann.id(), List.of(cleo.id()), List.of(), 10, true));
        assertThat(replayed(cleo)).anyMatch(Notice.Sent.class::isInstance);
        house.node.journal.delete(group, ann.id());

        // Before any message was ended.
        assertThat(alive(group)).isOne();
        for (Caller each : List.of(ann, ben, cleo)) {
            assertThat(found(said, each)).isInstanceOf(Archive.Found.Missing.class);
            assertThat(house.node.archive.receipts(List.of(said.id()), Node.ORGANIZATION, each.id())).isEmpty();
            assertThat(house.node.archive.reactions(List.of(said.id()), Node.ORGANIZATION, each.id())).isEmpty();
            assertThat(replayed(each)).noneMatch(Notice.Sent.class::isInstance)
                    .noneMatch(Notice.Reacted.class::isInstance)
                    .anyMatch(Notice.GroupUnlisted.class::isInstance);
        }
        house.node.journal.endDeleted();
        assertThat(alive(group)).isZero();
        assertThat(replayed(ben)).noneMatch(Notice.Sent.class::isInstance);
    }

    @Test
    void andTheListOfWhatWasSaidIsEmptyAtOnce() {
        ConversationId topic = house.node.topic(List.of(ann.id(), ben.id()));
        office.says(ann, topic.toString(), "the plan", List.of());
        PostgresTopics topics = new PostgresTopics(house.node.database, house.node.sealing);
        assertThat(topics.messages(topic, ben.id(), Position.START, false, 10).messages()).hasSize(1);
        assertThat(topics.unread(topic, ben.id(), 10).messages()).hasSize(1);

        house.node.journal.delete(topic, ann.id());
        assertThat(topics.messages(topic, ben.id(), Position.START, false, 10).messages()).isEmpty();
        assertThat(topics.unread(topic, ben.id(), 10).messages()).isEmpty();
    }

    @Test
    void andWhatItWasCalledGoesToo() {
        house.node.people.setMetadata(Node.ORGANIZATION, group.value(), Map.of("ward", "7"));
        assertThat(house.node.number("SELECT count(*) FROM conversation WHERE name = 'Ward'")).isOne();
        house.node.journal.delete(group, ann.id());
        assertThat(house.node.number("SELECT count(*) FROM conversation WHERE name = 'Ward'")).isZero();
        assertThat(house.node.number("SELECT count(*) FROM metadata")).isZero();
    }

    /** Who has not heard of the end yet may still change how it looks. */
    @Test
    void andDoesNotComeBack() {
        ConversationId topic = house.node.topic(List.of(ann.id(), ben.id()));
        for (ConversationId each : List.of(group, topic)) {
            house.node.journal.delete(each, ann.id());
            house.node.journal.update(
                    each, new Conversation.Looks("Ward 8", "", Optional.empty(), true, false), ben.id());
            house.node.people.setMetadata(Node.ORGANIZATION, each.value(), Map.of("ward", "8"));
        }
        assertThat(house.node.number("SELECT count(*) FROM conversation WHERE name = 'Ward 8'")).isZero();
        assertThat(house.node.number("SELECT count(*) FROM topic WHERE subject <> ''")).isZero();
        assertThat(house.node.number("SELECT count(*) FROM metadata")).isZero();
    }

    @Test
    void whoComesTooLateIsNotIn() {
        office.says(ann, group.toString(), "the plan", List.of());
        house.node.journal.delete(group, ann.id());
        house.node.heard.take();
        house.node.journal.change(new Journal.Membership(group, ann.id(), List.of(cleo.id()), List.of(), 10, true));
        assertThat(house.node.heard.take()).isEmpty();
        assertThat(replayed(cleo)).isEmpty();
        assertThat(house.node.number("SELECT count(*) FROM membership WHERE left_at IS NULL")).isZero();
    }

    @Test
    void aMessageThatWasOnItsWayEndsLater() {
        Outgoing late = Node.toGroup(ann.id(), group, "");
        house.node.journal.delete(group, ann.id());
        house.node.journal.endDeleted();
        Message stored = house.node.journal.send(late).message();
        assertThat(found(stored, ann)).isInstanceOf(Archive.Found.Missing.class);
        assertThat(replayed(ann)).noneMatch(Notice.Sent.class::isInstance);
        house.node.journal.endDeleted();
        assertThat(alive(group)).as("nobody looks all the time").isOne();

        house.node.execute(
                """
                UPDATE conversation SET over_at = over_at - interval '10 minutes',
                                        to_end_at = to_end_at - interval '10 minutes'
                """);
        house.node.journal.endDeleted();
        assertThat(alive(group)).isZero();
        assertThat(house.node.number("SELECT count(*) FROM conversation WHERE to_end_at IS NOT NULL")).isZero();
    }
}
