package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.AuditTrail.Action;
import ephemera.core.talk.AuditTrail.Change;
import ephemera.core.talk.AuditTrail.Cut;
import ephemera.core.talk.AuditTrail.Editor;
import ephemera.core.talk.AuditTrail.Entity;
import ephemera.core.talk.AuditTrail.Question;
import ephemera.core.talk.AuditTrail.Revision;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Message;
import ephemera.core.vault.Epoch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The audit trail tells who changed what and when to those who may know, page by page, and nothing of what was said.
 */
class AuditTrailHoldsNoContent {

    private static final Entity COMPANY = new Entity(AuditTrail.Kind.COMPANY, new UUID(7, 7));
    private static final Cut ALL = new Cut(Optional.empty(), false, 250);

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PostgresAuditTrail trail = new PostgresAuditTrail(node.database, new Json(), node.epochs);
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private static Question about(Entity entity) {
        return new Question(Node.ORGANIZATION, Optional.of(entity), List.of(), Optional.empty());
    }

    private static Question by(PersonId... editors) {
        return new Question(Node.ORGANIZATION, Optional.empty(), List.of(editors), Optional.empty());
    }

    private static Question seenBy(PersonId viewer) {
        return new Question(Node.ORGANIZATION, Optional.empty(), List.of(), Optional.of(viewer));
    }

    private List<Action> actions(Question question) {
        return trail.read(question, ALL).entries().stream().map(each -> each.change().action()).toList();
    }

    private Message sent() {
        node.direct(alice, bob);
        return node.journal.send(Node.toPerson(alice, bob, "")).message();
    }

    private static Change company(Editor editor, String after) {
        return new Change(
                Node.ORGANIZATION,
                editor,
                COMPANY,
                Optional.empty(),
                Action.UPDATED,
                List.of(new Revision.Shown("status", "ACTIVE", after), new Revision.Hidden("name")));
    }

    @Test
    void ofAMessageThatCameAndWent() {
        Message message = sent();
        node.journal.react(Editor.of(bob), message, Emoji.EYES);
        node.journal.react(Editor.of(bob), message, Emoji.EYES);
        node.journal.unreact(Editor.of(bob), message, Emoji.EYES);
        node.journal.recall(message);

        List<AuditTrail.Entry> entries = trail.read(about(Entity.of(message.id())), ALL).entries();

        assertThat(entries).extracting(each -> each.change().action())
                .containsExactly(
                        Action.DELETED, Action.REACTION_REMOVED, Action.REACTION_ADDED, Action.CREATED);
        assertThat(entries).extracting(each -> each.change().editor().person())
                .containsExactly(alice, bob, bob, alice);
        assertThat(entries.getFirst().change().revisions())
                .containsExactly(new Revision.Shown("status", "ACTIVE", "DELETED"));
        assertThat(entries.get(1).change().revisions()).containsExactly(new Revision.Hidden("reactions"));
        assertThat(entries).isSortedAccordingTo((one, other) -> other.at().compareTo(one.at()));
        assertThat(node.number("SELECT count(*) FROM audit WHERE audit::text ~* 'eyes|hello'")).isZero();
        assertThat(node.number("SELECT count(*) FROM audit WHERE epoch <> ?", node.epochs.of(message.id()))).isZero();
    }

    @Test
    void andRefusesValuesThatCouldBeContent() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Revision.Shown("subject", "Rent", "Rent of May"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Revision.Shown("status", "ACTIVE", "see room 4"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Revision.Hidden("the subject is: rent"));
    }

    @Test
    void ofManyChangesOfOneTransactionInTheirOrder() {
        ConversationId group = node.group(List.of(alice, bob), false);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            changes.add(Change.of(
                    new Editor(alice, Optional.of("client " + i)),
                    Node.ORGANIZATION,
                    group,
                    Action.UPDATED,
                    List.of(new Revision.Hidden("subject"))));
        }
        trail.append(changes);

        AuditTrail.Page first = trail.read(about(Entity.of(group)), new Cut(Optional.empty(), false, 100));
        AuditTrail.Page second = trail.read(
                about(Entity.of(group)), new Cut(Optional.of(first.entries().getLast().id()), false, 100));
        AuditTrail.Page third = trail.read(
                about(Entity.of(group)), new Cut(Optional.of(second.entries().getLast().id()), false, 100));
        AuditTrail.Page back = trail.read(
                about(Entity.of(group)), new Cut(Optional.of(second.entries().getFirst().id()), true, 100));
        AuditTrail.Page middle = trail.read(
                about(Entity.of(group)), new Cut(Optional.of(third.entries().getFirst().id()), true, 100));

        List<String> read = new ArrayList<>();
        List.of(first, second, third).forEach(page -> page.entries()
                .forEach(entry -> read.addFirst(entry.change().editor().client().orElseThrow())));
        assertThat(read).isEqualTo(changes.stream().map(each -> each.editor().client().orElseThrow()).toList());
        assertThat(List.of(first.newer(), first.older(), second.newer(), second.older(), third.newer(), third.older()))
                .containsExactly(false, true, true, true, true, false);
        assertThat(back.entries()).isEqualTo(first.entries());
        assertThat(List.of(back.newer(), back.older())).containsExactly(false, true);
        assertThat(middle.entries()).isEqualTo(second.entries());
        assertThat(List.of(middle.newer(), middle.older())).containsExactly(true, true);
        assertThat(trail.read(about(Entity.of(group)), ALL).entries().getFirst().change())
                .isEqualTo(changes.getLast());
    }

    @Test
    void forThoseWhoMayKnow() {
        Message message = sent();
        PersonId carol = node.person();
        node.journal.react(Editor.of(bob), message, Emoji.EYES);
        trail.append(List.of(company(Editor.of(carol), "DELETED")));

        assertThat(actions(seenBy(alice))).containsExactly(Action.REACTION_ADDED);
        assertThat(actions(seenBy(carol))).as("one's own").containsExactly(Action.UPDATED);
        assertThat(actions(by())).containsExactly(Action.UPDATED, Action.REACTION_ADDED);
        assertThat(actions(by(bob))).containsExactly(Action.REACTION_ADDED);
        assertThat(actions(by(alice, carol))).containsExactly(Action.UPDATED);
        assertThat(actions(about(COMPANY))).containsExactly(Action.UPDATED);
        assertThat(actions(new Question(
                new OrganizationId("1".repeat(24)), Optional.of(Entity.of(message.id())), List.of(),
                Optional.empty()))).isEmpty();
        assertThat(trail.read(
                new Question(
                        Node.ORGANIZATION, Optional.of(Entity.of(message.id())), List.of(), Optional.of(carol)),
                ALL)
                .entries()).isEmpty();
        assertThat(actions(about(new Entity(AuditTrail.Kind.MESSAGE, UUID.randomUUID())))).isEmpty();
    }

    @Test
    void forAtMostFourHundredDays() {
        trail.append(List.of(company(Editor.of(alice), "DELETED")));

        long epoch = node.number("SELECT epoch FROM audit");
        Instant end = Epoch.ofCode(epoch).end();
        assertThat(end).isBetween(Instant.now().plus(Duration.ofDays(364)), Instant.now().plus(Duration.ofDays(400)));
        node.epochs.audited(Instant.now());
        assertThat(node.number("SELECT count(*) FROM slice WHERE epoch = ?", epoch)).isOne();
    }
}
