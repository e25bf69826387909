package ephemera.acceptance.badinput;

import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything that the people of a {@link World} can see, and the files that the server keeps for them.
 *
 * @param views answers by who asked for what
 */
public record Snapshot(Map<String, String> views) {

    private static final String EVERYBODY =
            "{\"type\":[\"account\",\"group\"],\"results_format\":\"tokens\",\"display_name\":\"\"}";

    /** Looks at everything. */
    public static Snapshot of(World world) {
        Map<String, String> views = new TreeMap<>();
        look(views, "alice", world.alice(), "/v2/user?render_metadata=true", "/v2/roster?render_metadata=true",
                "/v2/mute",
                "/v2/user/" + world.alice().token() + "/organization",
                "/v2/group/" + world.group() + "?render_metadata=true",
                "/v2/message/" + world.message(), "/v2/message/" + world.groupMessage(),
                "/v2/message/" + world.message() + "/status", "/v2/message/" + world.groupMessage() + "/status");
        look(views, "bob", world.bob(), "/v2/user?render_metadata=true", "/v2/roster", "/v2/mute",
                "/v2/message/" + world.message());
        look(views, "carol", world.carol(), "/v2/roster", "/v2/user");
        look(views, "dave", world.dave(), "/v2/roster", "/v2/user");
        look(views, "the administrator", world.administrator(), "/v2/roster");
        look(views, "the stranger", world.stranger(), "/v2/user?render_metadata=true",
                "/v2/roster?render_metadata=true", "/v2/mute",
                "/v2/group/" + world.foreignGroup() + "?render_metadata=true", "/v2/message/" + world.foreignMessage(),
                "/v2/message/" + world.foreignMessage() + "/status");
        views.put("how many people and groups alice finds", TheServer.as(world.alice())
                .call("POST", "/v2/search", Map.of("Content-Type", "application/json"),
                        EVERYBODY.getBytes(StandardCharsets.UTF_8))
                .expect(200).reply().required("metadata").toString());
        views.put("events of alice", events(world.alice()));
        views.put("events of bob", events(world.bob()));
        views.put("events of the stranger", events(world.stranger()));
        return new Snapshot(views);
    }

    private static void look(Map<String, String> views, String name, Credentials somebody, String... paths) {
        Tiger tiger = TheServer.as(somebody);
        for (String path : paths) {
            Reply reply = tiger.get(path);
            views.put(name + " at " + path, reply.status() + " " + reply.text());
        }
    }

    /** What is told to somebody who acknowledges nothing: everything, from the beginning. */
    private static String events(Credentials somebody) {
        try (EventStream stream = TheServer.as(somebody).events("close-after-messages")) {
            stream.awaitEnd();
            return stream.received().stream()
                    .filter(event -> !event.isControl() && !endsSoon(event))
                    .map(Event::toString)
                    .collect(Collectors.joining("\n"));
        }
    }

    /** What lives for a minute, as one row that is accepted makes it, may end between two looks. */
    private static boolean endsSoon(Event event) {
        return event.payload().path("ttl").asInt(Integer.MAX_VALUE) == 1;
    }

    /** The names of all files that were uploaded to the server, finished or not. */
    public static Set<String> files() {
        return files(TheServer.process().data());
    }

    /** The names of all files that were uploaded to the server of a data folder, finished or not. */
    public static Set<String> files(Path data) {
        Path blobs = data.resolve("blobs");
        return inside(blobs).stream()
                .flatMap(folder -> inside(blobs.resolve(folder)).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The names in a folder; none if it is not there (any more). */
    private static List<String> inside(Path folder) {
        return List.of(Optional.ofNullable(folder.toFile().list()).orElse(new String[0]));
    }
}
