package ephemera.server.door.tight;

import ephemera.core.Idempotency;
import ephemera.core.Limits;
import ephemera.core.directory.Companies;
import ephemera.core.directory.CompanyRegister;
import ephemera.core.directory.People;
import ephemera.core.directory.Tokens;
import ephemera.core.directory.UserIds;
import ephemera.core.inbox.Inbox;
import ephemera.core.outreach.EntityText;
import ephemera.core.outreach.Outlook;
import ephemera.core.talk.Auditing;
import ephemera.core.talk.Reactions;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Rooms;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Topics;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Refusal;
import ephemera.server.http.Route;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The Tight door, version 6: all its routes. */
public final class Tight {

    /** The first segment of all paths of this door. */
    public static final String ROOT = "v6";

    private final List<Route> routes;
    private final EntityText updates;

    /** The use cases that the door opens on. */
    public record Core(
            Tokens tokens,
            Companies companies,
            Topics topics,
            Sending sending,
            Reading reading,
            Uploads uploads,
            Reactions reactions,
            Auditing auditing,
            Idempotency idempotency,
            Inbox inbox,
            Outlook outlook) {}

    /** Where names are looked up. */
    public record Registers(People people, CompanyRegister companies, UserIds users, Rooms rooms) {}

    /**
     * Makes the door.
     *
     * @param cursorKey signs cursors; the same on all servers of an installation
     * @param url where this server is reached
     * @param generation the generation of the journal, by which ids of events are told from those of another
     * @param limits by which clients are told of all that is too long at once; the core keeps them, too
     */
    public Tight(Core core, Registers registers, byte[] cursorKey, Supplier<String> url, int generation,
            Limits limits) {
        TightNames names = new TightNames(registers.people(), registers.companies(), registers.users());
        Idempotent idempotent = new Idempotent(core.idempotency());
        Bookmarks bookmarks = new Bookmarks(cursorKey);
        AttachmentText files = new AttachmentText(url);
        MessageText text = new MessageText(names::author, files);
        ConversationText conversations = new ConversationText(text, names::author);
        TightDialect dialect = new TightDialect(core.topics(), registers.rooms(), text, conversations, generation);
        updates = new UpdateText(core.outlook(), names, text, conversations);
        routes = Stream.of(
                new TokenRoutes(core.tokens()).routes(),
                new CompanyRoutes(core.companies(), idempotent, bookmarks, url).routes(),
                new AttachmentRoutes(core.uploads(), files, idempotent).routes(),
                new FileRoutes(core.uploads(), new FileText(files), idempotent, bookmarks).routes(),
                new ReactionRoutes(core.reactions(), idempotent, names::author).routes(),
                new MessageRoutes(
                        core.sending(), core.reading(), core.uploads(), core.topics(), core.reactions(), idempotent,
                        text, limits)
                        .routes(),
                new ConversationRoutes(
                        core.topics(), core.sending(), core.uploads(), core.reactions(), idempotent, bookmarks,
                        text, conversations, limits)
                        .routes(),
                new EventRoutes(core.inbox(), dialect).routes(),
                new AuditRoutes(core.auditing(), idempotent, bookmarks, names).routes())
                .flatMap(List::stream)
                .toList();
    }

    /** What the door answers to. */
    public List<Route> routes() {
        return routes;
    }

    /** How the door writes to webhooks. */
    public EntityText updates() {
        return updates;
    }

    /** How the door says no below its root. */
    public static Refusal refusal() {
        return Refusals::reply;
    }
}
