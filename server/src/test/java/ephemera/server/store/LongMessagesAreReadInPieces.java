package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Log;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However long the messages are that somebody has to be told, no more of them are in the memory than a page holds. */
@Timeout(120)
class LongMessagesAreReadInPieces {

    private static final int LENGTH = 60_000;
    private static final int MESSAGES = 150;
    private static final int LIMIT = 500;

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own);
    private PersonId sender;
    private ConversationId group;
    private List<Message> sent;

    @BeforeEach
    void begin() {
        node.start();
        sender = node.person();
        group = node.group(List.of(sender), true);
        sent = Stream.generate(() -> outgoing(LENGTH)).limit(MESSAGES).map(each -> node.journal.send(each).message())
                .toList();
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private Outgoing outgoing(int length) {
        Outgoing one = Node.toGroup(sender, group, "");
        Content content = new Content("x".repeat(length), List.of(), List.of());
        return new Outgoing(
                one.id(), one.organization(), one.conversation(), one.sender(), one.recipient(), one.lifespan(),
                one.traits(), content, one.origin(), one.contacts(), one.inTopic());
    }

    @Test
    void whenTheyWereSent() {
        assertPages(sender);
    }

    @Test
    void whenTheyAreTheHistoryOfANewMember() {
        PersonId joined = node.person();
        node.journal.change(new Journal.Membership(group, sender, List.of(joined), List.of(), 10_000, false));
        assertPages(joined);
    }

    @Test
    void oneThatIsLongerThanAPageIsAPageOfItsOwn() {
        Position before = node.log.head();
        Message longest = node.journal.send(outgoing(PostgresLog.PAGE_BYTES + LENGTH)).message();
        Message last = node.journal.send(outgoing(LENGTH)).message();

        List<Log.Page> pages = pages(sender, before);

        assertThat(pages.stream().map(LongMessagesAreReadInPieces::messages).filter(page -> !page.isEmpty()))
                .containsExactly(List.of(longest), List.of(last));
    }

    private void assertPages(PersonId person) {
        List<Log.Page> pages = pages(person, Position.START);

        assertThat(pages.stream().flatMap(page -> messages(page).stream()).map(Message::id))
                .containsExactlyElementsOf(sent.stream().map(Message::id).toList());
        assertThat(pages).allSatisfy(page -> assertThat(messages(page).stream()
                .mapToLong(message -> message.content().body().length()).sum())
                .isLessThan(2L * PostgresLog.PAGE_BYTES));
        assertThat(pages.stream().filter(page -> !messages(page).isEmpty())).hasSizeGreaterThan(1);
    }

    private List<Log.Page> pages(PersonId person, Position after) {
        List<Log.Page> pages = new ArrayList<>();
        do {
            Position begin = pages.isEmpty() ? after : pages.getLast().through();
            pages.add(node.log.read(person, begin, true, LIMIT));
        } while (pages.getLast().more());
        return pages;
    }

    private static List<Message> messages(Log.Page page) {
        return page.entries().stream()
                .flatMap(entry -> entry.notice() instanceof Notice.Sent(var message, var _)
                        ? Stream.of(message)
                        : Stream.empty())
                .toList();
    }
}
