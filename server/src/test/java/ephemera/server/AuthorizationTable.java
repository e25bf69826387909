package ephemera.server;

import static ephemera.server.Asker.ADMINISTRATOR;
import static ephemera.server.Asker.MEMBER;
import static ephemera.server.Asker.SENDER;
import static ephemera.server.AuthorizationRow.row;
import static ephemera.server.Scene.About.A_BOOKKEEPER;
import static ephemera.server.Scene.About.A_COMPANY;
import static ephemera.server.Scene.About.A_DIRECT_MESSAGE;
import static ephemera.server.Scene.About.A_GROUP;
import static ephemera.server.Scene.About.A_MESSAGE_IN_A_TOPIC;
import static ephemera.server.Scene.About.A_MESSAGE_TO_A_GROUP;
import static ephemera.server.Scene.About.A_PERSON;
import static ephemera.server.Scene.About.A_PICTURE;
import static ephemera.server.Scene.About.A_PUBLIC_GROUP;
import static ephemera.server.Scene.About.A_TOPIC;
import static ephemera.server.Scene.About.NOTHING;
import static ephemera.server.Scene.About.ONES_OWN_MESSAGE;

import java.util.List;
import java.util.stream.Stream;

/** Who may do what: every route, with one row for each thing that it can be about. */
final class AuthorizationTable {

    private static final String PASSWORD = "correct horse battery staple";

    private AuthorizationTable() {}

    /** All rows. */
    static List<AuthorizationRow> rows() {
        return Stream
                .of(SESSIONS, MESSAGES, TYPING, GROUPS, METADATA, ROSTER, MUTES, DIRECTORY, EVENTS, PAGES, TOKENS,
                        COMPANIES,
                        REACTIONS, CONVERSATIONS,
                        AttachmentRows.ALL)
                .flatMap(List::stream)
                .toList();
    }

    // In each row the answers to: nobody, a bad key, a foreigner, an outsider, the member, the sender, an
    // administrator.

    private static final List<AuthorizationRow> SESSIONS = List.of(
            row("POST", "/v2/login", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            row("POST", "/v5/login", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            row("POST", "/v2/logout", NOTHING)
                    .signed(AuthorizationTable::withSession)
                    .answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/wipe", NOTHING).answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/wipe", A_PERSON).query("token={user}").answers(401, 401, 404, 403, 204, 403, 204),
            row("POST", "/v2/user/{user}/password", A_PERSON)
                    .json("{\"password\":\"" + PASSWORD + "\"}")
                    .answers(401, 401, 401, 401, 401, 401, 401),
            row("POST", "/v2/user/{user}/password", A_PERSON)
                    .signed(AuthorizationTable::withPassword)
                    .json("{\"password\":\"" + PASSWORD + "\"}")
                    .answers(401, 401, 403, 403, 204, 403, 403));

    private static final List<AuthorizationRow> MESSAGES = List.of(
            row("POST", "/v2/message", A_GROUP)
                    .json("{\"recipient\":\"{group}\",\"body\":\"hi\"}")
                    .answers(401, 401, 404, 403, 204, 204, 403),
            row("POST", "/v2/message", A_PUBLIC_GROUP)
                    .json("{\"recipient\":\"{group}\",\"body\":\"hi\"}")
                    .answers(401, 401, 404, 403, 204, 204, 403),
            row("POST", "/v2/message", A_PERSON)
                    .json("{\"recipient\":\"{user}\",\"body\":\"hi\"}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            // Whoever is written to by e-mail becomes a contact of the writer's organization, be they unknown or
            // foreign.
            row("POST", "/v2/message", A_PERSON)
                    .json("{\"recipient\":\"{stranger}\",\"body\":\"hi\"}")
                    .answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/message", A_PERSON)
                    .json("{\"recipient\":\"{me}\",\"sender_organization\":\"{organization}\",\"body\":\"hi\"}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            row("POST", "/v2/message", A_PERSON)
                    .json("{\"recipient\":\"{me}\",\"recipient_organization\":\"{organization}\",\"body\":\"hi\"}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            row("GET", "/v2/message/{message}", A_MESSAGE_TO_A_GROUP).answers(401, 401, 404, 403, 200, 200, 403),
            row("GET", "/v2/message/{message}", A_DIRECT_MESSAGE).answers(401, 401, 404, 403, 200, 200, 403),
            row("DELETE", "/v2/message/{message}", A_MESSAGE_TO_A_GROUP).answers(401, 401, 404, 403, 403, 204, 403),
            row("DELETE", "/v2/message/{message}", A_DIRECT_MESSAGE).answers(401, 401, 404, 403, 403, 204, 403),
            row("GET", "/v2/message/{message}/attachment/{number}", A_MESSAGE_TO_A_GROUP)
                    .answers(401, 401, 404, 403, 200, 200, 403),
            row("GET", "/v2/message/{message}/attachment/{number}", A_DIRECT_MESSAGE)
                    .answers(401, 401, 404, 403, 200, 200, 403),
            row("POST", "/v2/message/{message}/forward", A_MESSAGE_TO_A_GROUP)
                    .json("{\"recipient\":\"{me}\"}")
                    .answers(401, 401, 404, 403, 204, 204, 403),
            row("POST", "/v2/message/{message}/forward", A_DIRECT_MESSAGE)
                    .json("{\"recipient\":\"{me}\"}")
                    .answers(401, 401, 404, 403, 204, 204, 403),
            row("POST", "/v2/message/{message}/forward", ONES_OWN_MESSAGE)
                    .json("{\"recipient_token\":\"{group}\"}")
                    .answers(401, 401, 404, 403, 204, 204, 403),
            row("PUT", "/v2/message/status", A_MESSAGE_TO_A_GROUP)
                    .json("{\"read\":[\"{message}\"]}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(MEMBER),
            row("POST", "/v2/message/status", A_DIRECT_MESSAGE)
                    .json("{\"delivered\":[\"{message}\"]}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(MEMBER),
            row("GET", "/v2/message/{message}/status", A_MESSAGE_TO_A_GROUP).answers(401, 401, 404, 403, 200, 200, 403),
            row("GET", "/v2/message/{message}/status", A_DIRECT_MESSAGE).answers(401, 401, 404, 403, 200, 200, 403),
            row("POST", "/v2/get_bulk_message_status", A_MESSAGE_TO_A_GROUP)
                    .json("{\"messages\":[\"{message}\"]}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy());

    private static final List<AuthorizationRow> TYPING = List.of(
            row("GET", "/v2/message/typing", A_GROUP).query("recipient={group}").answers(401, 401, 404, 403, 204, 204,
                    403),
            row("GET", "/v2/message/typing", A_PERSON).query("recipient={user}").answers(401, 401, 404, 204, 204, 204,
                    204),
            row("POST", "/v2/message/typing", A_GROUP)
                    .json("{\"recipient\":\"{group}\"}")
                    .answers(401, 401, 404, 403, 204, 204, 403),
            row("POST", "/v2/message/typing", A_PERSON)
                    .json("{\"recipient\":\"{user}\"}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            row("DELETE", "/v2/message/typing/{recipient}", A_GROUP).answers(401, 401, 404, 403, 204, 204, 403),
            row("DELETE", "/v2/message/typing/{recipient}", A_PERSON).answers(401, 401, 404, 204, 204, 204, 204),
            row("DELETE", "/v2/message/typing/{recipient}/{sender}", A_GROUP).answers(401, 401, 404, 403, 204, 204,
                    403),
            row("DELETE", "/v2/message/typing/{recipient}/{sender}", A_PERSON).answers(401, 401, 404, 204, 204, 204,
                    204));

    private static final List<AuthorizationRow> GROUPS = List.of(
            row("POST", "/v2/group", A_PERSON)
                    .json("{\"name\":\"G\",\"members\":[\"{user}\"]}")
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/group", A_PERSON)
                    .header("TT-X-Organization-Key", "{organization}")
                    .json("{\"name\":\"G\"}")
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/role_group", A_PERSON)
                    .json("{\"name\":\"G\",\"members\":[\"{user}\"]}")
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("GET", "/v2/group/{group}", A_GROUP).query("render_metadata=true").answers(401, 401, 404, 403, 200, 200,
                    200),
            row("GET", "/v2/group/{group}", A_PUBLIC_GROUP).answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/group/{group}", A_GROUP).json("{\"name\":\"H\"}").answers(401, 401, 404, 403, 204, 204,
                    204),
            row("POST", "/v2/group/{group}", A_PUBLIC_GROUP)
                    .json("{\"name\":\"H\"}")
                    .answers(401, 401, 404, 403, 204, 204, 204),
            row("POST", "/v2/group/{group}", A_GROUP)
                    .json("{\"members\":[\"{outsider}\"]}")
                    .answers(401, 401, 404, 403, 204, 204, 204),
            // A group that is unknown is no failure (the contract, section 3.12), so a foreign one is none either.
            row("DELETE", "/v2/group/{group}", A_GROUP)
                    .answers(401, 401, 204, 403, 403, 204, 204)
                    .changedBy(SENDER, ADMINISTRATOR),
            row("DELETE", "/v2/group/{group}", A_PUBLIC_GROUP)
                    .answers(401, 401, 204, 403, 403, 204, 204)
                    .changedBy(SENDER, ADMINISTRATOR),
            row("GET", "/v2/group/{group}/members", A_GROUP).answers(401, 401, 404, 403, 200, 200, 200),
            row("GET", "/v2/group/{group}/members", A_PUBLIC_GROUP)
                    .query("return_user_objects=true")
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/group/{group}/members", A_GROUP)
                    .json("{\"members\":[\"{outsider}\"]}")
                    .answers(401, 401, 404, 403, 200, 200, 200),
            row("POST", "/v2/group/{group}/members", A_PUBLIC_GROUP)
                    .json("{\"members\":[\"{outsider}\"]}")
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/group/{group}/members", A_PUBLIC_GROUP)
                    .json("{\"members\":[\"{outsider}\",\"{sender}\"]}")
                    .answers(401, 401, 404, 403, 200, 200, 200),
            row("POST", "/v2/group/{group}/members/remove", A_GROUP)
                    .json("{\"members\":[\"{user}\"]}")
                    .answers(401, 401, 404, 403, 204, 204, 204),
            row("POST", "/v2/group/{group}/members/remove", A_PUBLIC_GROUP)
                    .json("{\"members\":[\"{user}\"]}")
                    .answers(401, 401, 404, 403, 204, 204, 204));

    private static final List<AuthorizationRow> METADATA = List.of(
            row("GET", "/v2/metadata/{entity}", A_PERSON).answers(401, 401, 404, 200, 200, 200, 200),
            row("GET", "/v2/metadata/{entity}", A_GROUP).answers(401, 401, 404, 403, 200, 200, 200),
            row("POST", "/v2/metadata/{entity}", A_PERSON).json("{\"k\":\"v\"}").answers(401, 401, 404, 403, 204, 403,
                    204),
            row("POST", "/v2/metadata/{entity}", A_GROUP).json("{\"k\":\"v\"}").answers(401, 401, 404, 403, 204, 204,
                    204),
            row("DELETE", "/v2/metadata/{entity}", A_PERSON).answers(401, 401, 404, 403, 204, 403, 204),
            row("DELETE", "/v2/metadata/{entity}", A_GROUP).answers(401, 401, 404, 403, 204, 204, 204),
            row("POST", "/v2/metadata_bulk", A_GROUP)
                    .json("{\"entities\":[\"{group}\",\"{user}\"]}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(),
            row("POST", "/v2/entities_bulk", A_GROUP)
                    .json("{\"users\":[\"{user}\"],\"metadata\":[\"{group}\",\"{user}\"]}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy());

    private static final List<AuthorizationRow> ROSTER = List.of(
            row("GET", "/v2/roster", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            row("POST", "/v2/roster", A_PERSON).json("{\"entity\":\"{user}\"}").answers(401, 401, 404, 204, 204, 204,
                    204),
            row("POST", "/v2/roster", A_GROUP).json("{\"entity\":\"{group}\"}").answers(401, 401, 404, 404, 204, 204,
                    404),
            row("DELETE", "/v2/roster/{entity}", A_PERSON).answers(401, 401, 404, 204, 204, 204, 204),
            row("DELETE", "/v2/roster/{entity}", A_PERSON)
                    .header("TT-X-Organization-Key", "{organization}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            // Who is not in the group is out already.
            row("DELETE", "/v2/roster/{entity}", A_GROUP)
                    .answers(401, 401, 404, 204, 204, 204, 204)
                    .changedBy(MEMBER, SENDER));

    private static final List<AuthorizationRow> MUTES = List.of(
            row("GET", "/v2/mute", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            row("DELETE", "/v2/mute", NOTHING).answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/mute/p2p", A_PERSON)
                    .json("{\"sender_token\":\"{user}\",\"duration\":\"10\"}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            row("DELETE", "/v2/mute/p2p", A_PERSON)
                    .header("TT-X-Sender-Token", "{user}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            row("POST", "/v2/mute/group/{group}", A_GROUP)
                    .json("{\"duration\":10}")
                    .answers(401, 401, 404, 403, 204, 204, 204),
            row("DELETE", "/v2/mute/group/{group}", A_GROUP).answers(401, 401, 404, 403, 204, 204, 204),
            row("POST", "/v2/mute/organization/{organization}", A_PERSON)
                    .json("{\"duration\":10}")
                    .answers(401, 401, 404, 204, 204, 204, 204),
            row("DELETE", "/v2/mute/organization/{organization}", A_PERSON).answers(401, 401, 404, 204, 204, 204, 204));

    private static final List<AuthorizationRow> DIRECTORY = List.of(
            row("GET", "/v2/user", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            // Keys in a query end up in logs of proxies: only the event stream takes them, for browsers.
            row("GET", "/v2/user", NOTHING)
                    .signed((_, request) -> request)
                    .query("auth_basic={auth}")
                    .answers(401, 401, 401, 401, 401, 401, 401),
            row("GET", "/v2/user/{user}", A_PERSON).query("render_metadata=true").answers(401, 401, 404, 200, 200, 200,
                    200),
            row("GET", "/v2/user/{user}", A_PERSON)
                    .header("TT-X-Organization-Key", "{organization}")
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("GET", "/v2/user/{user}/organization", A_PERSON).answers(401, 401, 404, 200, 200, 200, 200),
            row("GET", "/v2/user/{user}/organization/{organization}", A_PERSON)
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("GET", "/v2/user/{user}/organization/{organization}/roles", A_PERSON)
                    .answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/user/{user}/settings", A_PERSON)
                    .json("{\"status\":\"busy\"}")
                    .answers(401, 401, 404, 403, 204, 403, 204),
            row("GET", "/v2/user_lookup/{user}", A_PERSON).answers(401, 401, 404, 200, 200, 200, 200),
            row("POST", "/v2/user_lookup/{user}", A_PERSON)
                    .json("{\"email_address\":\"{email}\"}")
                    .answers(401, 401, 404, 200, 200, 200, 200)
                    .changedBy(),
            row("POST", "/v2/organization", NOTHING)
                    .json("{\"name\":\"New\"}")
                    .answers(401, 401, 403, 403, 403, 403, 200)
                    .toForeignAdministrator(200),
            row("POST", "/v2/organization/{organization}", A_PERSON)
                    .json("{\"name\":\"Clinic\"}")
                    .answers(401, 401, 404, 403, 403, 403, 204),
            // A picture has a random address, which browsers load without credentials.
            row("GET", "/v2/avatar/{blob}", A_PICTURE).open().answers(200, 200, 200, 200, 200, 200, 200),
            row("GET", "/v2/avatar/{blob}", NOTHING).open().answers(404, 404, 404, 404, 404, 404, 404),
            row("GET", "/v2/dist_list/{list}", NOTHING).answers(401, 401, 404, 404, 404, 404, 404),
            row("PUT", "/v2/presence/{status}", NOTHING).answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/push", NOTHING).answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/client_resource", NOTHING).answers(401, 401, 204, 204, 204, 204, 204),
            row("POST", "/v2/search", A_GROUP)
                    .json("{\"type\":[\"account\",\"group\",\"public_group\"],\"display_name\":\"{name}\"}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(),
            row("POST", "/v2/search", A_PUBLIC_GROUP)
                    .json("{\"type\":[\"account\",\"group\",\"public_group\"],\"display_name\":\"{name}\"}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(),
            row("POST", "/v2/search", A_PERSON)
                    .json("{\"bool\":{\"must\":{\"email\":\"{email}\"}}}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy());

    private static final List<AuthorizationRow> EVENTS = List.of(
            row("GET", "/v2/events", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            row("GET", "/v2/events", NOTHING)
                    .signed((_, request) -> request)
                    .query("auth_basic={auth}&features=no-offline-messages")
                    .answers(401, 401, 200, 200, 200, 200, 200),
            row("DELETE", "/v2/events", NOTHING).answers(401, 401, 200, 200, 200, 200, 200),
            row("POST", "/v2/events/ack", NOTHING).json("{\"events\":[]}").answers(401, 401, 204, 204, 204, 204, 204));

    private static final List<AuthorizationRow> PAGES = List.of(
            row("GET", "/docs", NOTHING).open().answers(200, 200, 200, 200, 200, 200, 200),
            row("GET", "/docs/{door}", NOTHING).open().answers(200, 200, 200, 200, 200, 200, 200),
            row("GET", "/openapi/{file}", NOTHING).open().answers(200, 200, 200, 200, 200, 200, 200));

    /** A client proves by itself who it is, and people have no say in it. */
    private static final List<AuthorizationRow> TOKENS = List.of(
            row("POST", "/v6/auth/token", NOTHING).answers(401, 401, 401, 401, 401, 401, 401),
            row("POST", "/v6/auth/revoke", NOTHING)
                    .json("{\"token\":\"x\"}")
                    .answers(401, 401, 401, 401, 401, 401, 401),
            row("POST", "/v6/auth/authorize", A_PERSON)
                    .json("{\"client_id\":\"{client}\",\"redirect_uri\":\"{redirect}\"}")
                    .answers(401, 401, 302, 302, 302, 302, 302)
                    .changedBy(),
            row("POST", "/v6/auth/authorize", NOTHING)
                    .json("{\"client_id\":\"{client}\",\"redirect_uri\":\"https://elsewhere.example\"}")
                    .answers(401, 401, 400, 400, 400, 400, 400));

    /** Keys open nothing here; with tokens, people look, and only administrators and owners appoint. */
    private static final List<AuthorizationRow> COMPANIES = List.of(
            byToken("POST", "/v6/company", NOTHING).json("{\"name\":\"New\"}").answers(401, 401, 403, 403, 403, 403,
                    403),
            byToken("POST", "/v6/company", A_COMPANY)
                    .json("{\"id\":\"{id}\",\"name\":\"New\"}")
                    .answers(401, 401, 403, 403, 403, 403, 403),
            row("POST", "/v6/company/query", NOTHING).answers(401, 401, 401, 401, 401, 401, 401),
            byToken("POST", "/v6/company/query", A_COMPANY).answers(401, 401, 200, 200, 200, 200, 200).changedBy(),
            byToken("GET", "/v6/company/{id}", A_COMPANY).answers(401, 401, 404, 200, 200, 200, 200),
            byToken("DELETE", "/v6/company/{id}", A_COMPANY).answers(401, 401, 403, 403, 403, 403, 403),
            byToken("POST", "/v6/bookkeepers", NOTHING)
                    .json("{\"userId\":\"bk-{me}\"}")
                    .answers(401, 401, 403, 403, 403, 403, 200)
                    .toForeignAdministrator(200),
            byToken("POST", "/v6/bookkeepers", A_BOOKKEEPER)
                    .json("{\"id\":\"{id}\",\"firstName\":\"New\"}")
                    .answers(401, 401, 403, 403, 403, 403, 200)
                    .toForeignAdministrator(404),
            byToken("POST", "/v6/bookkeepers/invite", NOTHING)
                    .json("{\"email\":\"{me}@invited.example\"}")
                    .answers(401, 401, 403, 403, 403, 403, 200)
                    .toForeignAdministrator(200),
            byToken("POST", "/v6/bookkeepers/query", A_BOOKKEEPER)
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(),
            byToken("GET", "/v6/bookkeepers/{id}", A_BOOKKEEPER).answers(401, 401, 404, 200, 200, 200, 200));

    /** Those who see a message react to it; of changes know those who are concerned, and administrators. */
    private static final List<AuthorizationRow> REACTIONS = List.of(
            byToken("POST", "/v6/messages/{id}/reactions", A_MESSAGE_TO_A_GROUP)
                    .json("{\"emojiCode\":\"eyes\"}")
                    .answers(401, 401, 404, 403, 200, 200, 403),
            byToken("POST", "/v6/messages/{id}/reactions/{emojiCode}", A_MESSAGE_TO_A_GROUP)
                    .answers(401, 401, 404, 403, 200, 200, 403),
            byToken("PUT", "/v6/messages/{id}/reactions/{emojiCode}", A_DIRECT_MESSAGE)
                    .answers(401, 401, 404, 403, 200, 200, 403),
            byToken("DELETE", "/v6/messages/{id}/reactions/{emojiCode}", A_MESSAGE_TO_A_GROUP)
                    .answers(401, 401, 404, 403, 404, 404, 403),
            byToken("GET", "/v6/auditTrail/{entityId}", A_MESSAGE_TO_A_GROUP)
                    .answers(401, 401, 404, 404, 200, 200, 200),
            byToken("POST", "/v6/auditTrail/query", NOTHING).answers(401, 401, 200, 200, 200, 200, 200).changedBy());

    /**
     * Topics are the organization's; messages are their senders'. A batch in which every item failed is a bad request.
     */
    private static final List<AuthorizationRow> CONVERSATIONS = List.of(
            byToken("POST", "/v6/messages", A_TOPIC)
                    .json("{\"data\":[{\"conversationId\":\"{conversation}\",\"text\":\"hi\"}]}")
                    .answers(401, 401, 400, 200, 200, 200, 200),
            byToken("POST", "/v6/messages", A_MESSAGE_TO_A_GROUP)
                    .json("{\"data\":[{\"conversationId\":\"{conversation}\",\"text\":\"hi\"}]}")
                    .answers(401, 401, 400, 400, 400, 400, 400),
            byToken("GET", "/v6/messages/{id}", A_MESSAGE_IN_A_TOPIC).answers(401, 401, 404, 200, 200, 200, 200),
            byToken("GET", "/v6/messages/{id}", A_MESSAGE_TO_A_GROUP).answers(401, 401, 404, 403, 200, 200, 403),
            byToken("DELETE", "/v6/messages/{id}", A_MESSAGE_IN_A_TOPIC).answers(401, 401, 404, 403, 403, 200, 403),
            byToken("PUT", "/v6/messages/{id}/reactions/{emojiCode}", A_MESSAGE_IN_A_TOPIC)
                    .answers(401, 401, 404, 200, 200, 200, 200),
            byToken("POST", "/v6/conversations", NOTHING)
                    .json("{\"data\":[{\"subject\":\"new\",\"message\":{\"text\":\"hi\"}}]}")
                    .answers(401, 401, 200, 200, 200, 200, 200),
            byToken("POST", "/v6/conversations", A_TOPIC)
                    .json("{\"data\":[{\"id\":\"{conversation}\",\"resolutionStatus\":\"RESOLVED\"}]}")
                    .answers(401, 401, 400, 200, 200, 200, 200),
            byToken("POST", "/v6/conversations/query", A_TOPIC).answers(401, 401, 200, 200, 200, 200, 200).changedBy(),
            byToken("GET", "/v6/conversations/{id}", A_TOPIC).answers(401, 401, 404, 200, 200, 200, 200),
            byToken("DELETE", "/v6/conversations/{id}", A_TOPIC).answers(401, 401, 404, 403, 403, 200, 200),
            byToken("GET", "/v6/conversations/{id}/messages", A_TOPIC).answers(401, 401, 404, 200, 200, 200, 200),
            byToken("GET", "/v6/events", NOTHING).answers(401, 401, 200, 200, 200, 200, 200));

    /** A row of which each asker shows an access token that an application of their organization got for them. */
    static AuthorizationRow byToken(String method, String template, Scene.About about) {
        return row(method, template, about).signed(AuthorizationTable::withToken);
    }

    static Request withToken(Asker asker, Request request) {
        return switch (asker) {
            case NOBODY -> request;
            case BAD_KEY -> request.with("Authorization", "Bearer " + "0".repeat(43));
            case FOREIGNER, FOREIGN_ADMINISTRATOR, OUTSIDER, MEMBER, SENDER, ADMINISTRATOR -> request.with(
                    "Authorization",
                    "Bearer " + OneServer.get().token(Scene.client(asker.isForeign()), asker.member()));
        };
    }

    /** With a session of its own, which the call ends. */
    private static Request withSession(Asker asker, Request request) {
        return asker.person()
                .map(person -> request.with("Authorization", OneServer.basic(OneServer.get().session(person))))
                .orElseGet(() -> asker.sign(request));
    }

    /** With the asker's own password, or a wrong one. */
    private static Request withPassword(Asker asker, Request request) {
        return switch (asker) {
            case NOBODY -> request;
            case BAD_KEY ->
                    request.with("Authorization", OneServer.password(MEMBER.member().email(), "wrong"));
            case FOREIGNER, FOREIGN_ADMINISTRATOR, OUTSIDER, MEMBER, SENDER, ADMINISTRATOR -> {
                OneServer.get().setPassword(asker.member(), PASSWORD);
                yield request.with("Authorization", OneServer.password(asker.member().email(), PASSWORD));
            }
        };
    }
}
