package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What happened in a group while somebody was in it is told with what the group is at that moment, and so to those only
 * who may look at it: its members, everybody if it is public, and administrators.
 */
class RemovedMemberIsNotToldWhatTheGroupIsNow {

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private final PersonId carol = node.person();
    private ConversationId group;
    private Message said;

    @BeforeEach
    void begin() {
        group = node.group(List.of(alice, bob), false);
        change(List.of(carol), List.of());
        said = node.journal.send(Node.toGroup(alice, group, "")).message();
        change(List.of(), List.of(carol));
        change(List.of(), List.of(bob));
        look("Ward of Dave", false);
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private void change(List<PersonId> joining, List<PersonId> leaving) {
        node.journal.change(new Journal.Membership(group, alice, joining, leaving, 0, true));
    }

    private void look(String name, boolean isPublic) {
        node.journal.update(group, new Conversation.Looks(name, "", Optional.empty(), false, isPublic), alice);
    }

    private List<Notice> told(PersonId person) {
        return node.log.read(person, Position.START, true, 1_000).entries().stream().map(Entry::notice).toList();
    }

    private boolean isToldOfIt(PersonId person) {
        List<Class<?>> kinds = List.of(
                Notice.GroupListed.class, Notice.GroupChanged.class, Notice.Joined.class, Notice.Left.class);
        long different = told(person).stream().map(Notice::getClass).filter(kinds::contains).distinct().count();
        assertThat(different).as("all or none").isIn(0L, (long) kinds.size());
        return different > 0;
    }

    @Test
    void onlyThatItIsGoneAndWhatWasSaid() {
        assertThat(told(bob)).containsExactly(new Notice.Sent(said, false), new Notice.GroupUnlisted(group));
        assertThat(node.log.count(bob, Position.START, true)).isEqualTo(2);
        assertThat(isToldOfIt(alice)).isTrue();
    }

    @Test
    void untilTheyComeBack() {
        change(List.of(bob), List.of());
        assertThat(isToldOfIt(bob)).isTrue();
        assertThat(told(bob)).contains(new Notice.GroupUnlisted(group), new Notice.Sent(said, false));
    }

    @Test
    void unlessEverybodyMayLookAtIt() {
        look("Open ward", true);
        assertThat(isToldOfIt(bob)).isTrue();
    }

    @Test
    void orTheyMayLookAtEveryGroup() {
        node.execute("UPDATE person SET standing = 'ADMINISTRATOR' WHERE person_id = ?", bob.value());
        assertThat(isToldOfIt(bob)).isTrue();
        node.journal.delete(group, alice);
        assertThat(isToldOfIt(bob)).as("what is deleted nobody may look at").isFalse();
    }
}
