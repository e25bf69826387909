package ephemera.server.door.tigerconnect;

import ephemera.core.directory.Directory;
import ephemera.core.directory.People;
import ephemera.core.directory.SignIn;
import ephemera.core.inbox.Inbox;
import ephemera.core.inbox.Typing;
import ephemera.core.talk.Groups;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Rooms;
import ephemera.core.talk.Roster;
import ephemera.core.talk.Sending;
import ephemera.core.vault.Blobs;
import ephemera.server.http.Authentication;
import ephemera.server.http.Route;
import ephemera.server.watch.Metrics;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The TigerConnect v2 door: all its routes. */
public final class TigerConnect {

    private final List<Route> routes;

    /** The use cases that the door opens on. */
    public record Core(
            SignIn signIn,
            Directory directory,
            Sending sending,
            Reading reading,
            Groups groups,
            Roster roster,
            Typing typing,
            Inbox inbox) {}

    /**
     * Makes the door.
     *
     * @param people for names and pictures in what it shows
     * @param rooms for groups in what it shows
     * @param url where this server is reached
     * @param generation the generation of the journal, which event ids name
     */
    public TigerConnect(
            Core core,
            Authentication authentication,
            People people,
            Rooms rooms,
            Blobs blobs,
            Metrics metrics,
            Supplier<String> url,
            int generation) {
        Wire wire = new Wire(people, url);
        EventIds ids = new EventIds(generation);
        Pictures pictures = new Pictures(blobs);
        routes = Stream.of(
                new SessionRoutes(core.signIn(), authentication, core.directory(), wire, metrics).routes(),
                new MessageRoutes(core.sending(), core.reading(), core.typing(), wire, metrics).routes(),
                new GroupRoutes(core.groups(), core.directory(), pictures, wire).routes(),
                new MetadataRoutes(core.directory(), core.groups(), core.roster(), wire).routes(),
                new RosterRoutes(core.roster(), core.directory(), core.groups(), wire).routes(),
                new DirectoryRoutes(core.directory(), core.roster(), pictures, wire).routes(),
                new SearchRoutes(core.directory(), core.groups(), wire).routes(),
                new EventRoutes(core.inbox(), core.directory(), new TigerDialect(wire, people, rooms, ids), ids)
                        .routes())
                .flatMap(List::stream)
                .toList();
    }

    /** What the door answers to. */
    public List<Route> routes() {
        return routes;
    }
}
