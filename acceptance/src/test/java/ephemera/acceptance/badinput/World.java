package ephemera.acceptance.badinput;

import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The people and things that bad requests are about: an organization at work, and another one of which it must learn
 * nothing.
 *
 * @param alice who sends most requests
 * @param bob whom alice writes to
 * @param carol a member of the group
 * @param dave of the same organization, outside of the group
 * @param administrator of the same organization
 * @param stranger somebody of another organization
 * @param organization the token of alice's organization
 * @param foreignOrganization the token of the stranger's organization
 * @param group the token of a group of alice, bob and carol
 * @param message the token of a message with a file from alice to bob
 * @param groupMessage the token of a message from bob to the group
 * @param event the token of an event that alice has not acknowledged
 * @param foreignGroup the token of a group of the stranger
 * @param foreignMessage the token of a message with a file from the stranger
 * @param foreignEvent the token of an event of the stranger
 * @param foreignEmail the stranger's e-mail address
 * @param standardLifespan the lifespan that a message gets whose sender asks for none, in minutes
 * @param longestLifespan the longest lifespan that a sender may ask for, in minutes
 */
public record World(
        Credentials alice,
        Credentials bob,
        Credentials carol,
        Credentials dave,
        Credentials administrator,
        Credentials stranger,
        String organization,
        String foreignOrganization,
        String group,
        String message,
        String groupMessage,
        String event,
        String foreignGroup,
        String foreignMessage,
        String foreignEvent,
        String foreignEmail,
        String standardLifespan,
        String longestLifespan) {

    /** Lets some people of the shared server talk, so that there is something that could change. */
    public static World make() {
        Credentials alice = TheServer.somebody();
        Credentials bob = TheServer.somebody();
        Credentials carol = TheServer.somebody();
        Credentials stranger = TheServer.stranger();
        Credentials other = TheServer.stranger();
        Tiger asAlice = TheServer.as(alice);
        String group = group(asAlice, bob, carol);
        String message = file(asAlice, bob);
        asAlice.setMetadata(alice.token(), Map.of("ward", "7")).expect(204);
        asAlice.post("/v2/mute/p2p", Map.of("sender_token", carol.token(), "duration", 600)).expect(204);
        TheServer.as(bob).send(alice.token(), "An answer.").expect(200);
        String groupMessage = TheServer.as(bob).send(group, "To all.").expect(200).messageId();
        Tiger asStranger = TheServer.as(stranger);
        asStranger.setMetadata(stranger.token(), Map.of("secret", "theirs")).expect(204);
        return new World(
                alice,
                bob,
                carol,
                TheServer.somebody(),
                TheServer.administrator(),
                stranger,
                TheServer.organization(),
                TheServer.foreignOrganization(),
                group,
                message,
                groupMessage,
                anEvent(asAlice),
                group(asStranger, other),
                file(asStranger, other),
                anEvent(asStranger),
                asStranger.me().expect(200).reply().required("emails").required(0).required("address").asString(),
                setting(asAlice, "ttl"),
                setting(asAlice, "ttl_max"));
    }

    private static String setting(Tiger member, String name) {
        String path = "/v2/user/" + member.me().expect(200).reply().required("token").asString() + "/organization";
        return member.get(path).expect(200).reply().required(0).required("settings").valueStream()
                .filter(setting -> setting.required("name").asString().equals(name)).findFirst().orElseThrow()
                .required("value").asString();
    }

    private static String group(Tiger creator, Credentials... members) {
        List<String> tokens = List.of(members).stream().map(Credentials::token).toList();
        String group = creator.createGroup("A group", false, tokens).expect(200).groupToken();
        creator.setMetadata(group, Map.of("topic", "beds")).expect(204);
        return group;
    }

    private static String file(Tiger sender, Credentials recipient) {
        Draft draft = Draft.to(recipient.token(), "With a file.")
                .withAttachment("note.txt", "text/plain", "A note.".getBytes(StandardCharsets.UTF_8));
        return sender.send(draft).expect(200).messageId();
    }

    private static String anEvent(Tiger somebody) {
        try (EventStream stream = somebody.events("close-after-messages")) {
            stream.awaitEnd();
            return stream.received().stream().filter(Event::isAcknowledged)
                    .filter(event -> !event.is("client_advisory"))
                    .findFirst().orElseThrow().id();
        }
    }

    /** Gives a request of alice. */
    public Request ask(String method, String target) {
        return Request.of(method, target).as(alice);
    }

    /** Gives a token that nobody has. */
    public static String nobody() {
        return UUID.randomUUID().toString();
    }
}
