package ephemera.acceptance.badinput;

import ephemera.acceptance.client.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A route that takes a body, with a body that it would accept and the fields that it reads.
 *
 * @param method the HTTP method
 * @param path the path with its tokens
 * @param authorization the value of the header
 * @param valid a body that would be accepted and change something, field by field in JSON
 * @param required the fields of it without which it would not
 * @param fields every field that is read
 */
public record Route(
        String method, String path, String authorization, Map<String, String> valid, List<String> required,
        Map<String, Kind> fields) {

    /** Gives every route that takes a body. */
    public static List<Route> all(World world) {
        String alice = world.alice().token();
        String bob = quoted(world.bob().token());
        String carol = quoted(world.carol().token());
        String group = "/v2/group/" + world.group();
        String organization = quoted(world.organization());
        return List.of(
                new Builder("POST", "/v2/login", world.alice()).route(),
                new Builder("POST", "/v5/login", world.alice()).route(),
                new Builder("POST", "/v2/logout", world.alice()).route(),
                new Builder("POST", "/v2/wipe", world.alice()).optional("token", Kind.TEXT, quoted(alice)).route(),
                new Builder("POST", "/v2/user/" + alice + "/password", nobodysPassword())
                        .required("password", Kind.TEXT, "\"another password\"").route(),
                sends(new Builder("POST", "/v2/message", world.alice())
                        .required("recipient", Kind.TEXT, bob).optional("body", Kind.TEXT, "\"hi\"")),
                sends(new Builder("POST", "/v2/message/" + world.message() + "/forward", world.alice())
                        .required("recipient", Kind.TEXT, carol)),
                new Builder("POST", "/v2/message/" + world.message() + "/forward", world.alice())
                        .required("recipient_token", Kind.TEXT, carol).route(),
                new Builder("POST", "/v2/message/status", world.bob())
                        .optional("delivered", Kind.LIST, list(world.message()))
                        .optional("read", Kind.LIST, list(world.message())).route(),
                new Builder("PUT", "/v2/message/status", world.bob())
                        .optional("delivered", Kind.LIST, list(world.message()))
                        .optional("read", Kind.LIST, list(world.message())).route(),
                new Builder("POST", "/v2/get_bulk_message_status", world.alice())
                        .optional("messages", Kind.LIST, list(world.message())).route(),
                new Builder("POST", "/v2/message/typing", world.alice())
                        .required("recipient", Kind.TEXT, bob).optional("proxy_token", Kind.TEXT, bob).route(),
                new Builder("POST", "/v2/events/ack", world.alice()).optional("events", Kind.LIST, list(world.event()))
                        .route(),
                new Builder("POST", "/v2/group", world.alice())
                        .required("name", Kind.TEXT, "\"New\"").optional("members", Kind.LIST, "[" + bob + "]")
                        .optional("description", Kind.TEXT, "\"d\"").optional("is_public", Kind.FLAG, "false")
                        .optional("replay_history", Kind.FLAG, "\"1\"").optional("exclude_creator", Kind.FLAG, "false")
                        .optional("organization_key", Kind.TEXT, organization)
                        .optional("metadata", Kind.METADATA, "{\"a\":\"b\"}").route(),
                new Builder("POST", group, world.alice())
                        .optional("name", Kind.TEXT, "\"Renamed\"").optional("members", Kind.LIST, "[" + bob + "]")
                        .optional("description", Kind.TEXT, "\"d\"").optional("replay_history", Kind.FLAG, "true")
                        .route(),
                new Builder("POST", group + "/members", world.alice())
                        .required("members", Kind.LIST, "[" + quoted(world.dave().token()) + "]").route(),
                new Builder("POST", group + "/members/remove", world.alice())
                        .required("members", Kind.LIST, "[" + carol + "]")
                        .optional("bang_notification", Kind.FLAG, "true").route(),
                new Builder("POST", "/v2/role_group", world.alice())
                        .required("name", Kind.TEXT, "\"Role\"").optional("members", Kind.LIST, "[" + bob + "]")
                        .optional("created_by", Kind.TEXT, quoted(alice)).optional("replay_history", Kind.FLAG, "true")
                        .route(),
                new Builder("POST", "/v2/roster", world.alice())
                        .required("entity", Kind.TEXT, carol)
                        .optional("type", Kind.TEXT, "\"tigertext:entity:account\"").route(),
                profile(new Builder("POST", "/v2/user/" + alice + "/settings", world.alice())),
                new Builder("POST", "/v2/user_lookup/" + world.carol().token(), world.alice())
                        .optional("display_name", Kind.TEXT, "\"Carol\"")
                        .optional("email_address", Kind.TEXT, "\"carol@example.org\"")
                        .optional("phone_number", Kind.TEXT, "\"+15550100\"").route(),
                searches(new Builder("POST", "/v2/search", world.alice())),
                new Builder("POST", "/v2/entities_bulk", world.alice())
                        .optional("users", Kind.LIST, "[" + bob + "]").optional("metadata", Kind.LIST, "[" + bob + "]")
                        .route(),
                new Builder("POST", "/v2/metadata_bulk", world.alice()).optional("entities", Kind.LIST, "[" + bob + "]")
                        .route(),
                new Builder("POST", "/v2/metadata/" + alice, world.alice()).route(),
                new Builder("POST", "/v2/metadata/" + world.group(), world.alice()).route(),
                policy(new Builder("POST", "/v2/organization/" + world.organization(), world.administrator())),
                new Builder("POST", "/v2/organization", world.administrator()).required("name", Kind.TEXT, "\"Third\"")
                        .route(),
                mutes(new Builder("POST", "/v2/mute/p2p", world.alice()).required("sender_token", Kind.TEXT, bob)),
                mutes(new Builder("POST", "/v2/mute/group/" + world.group(), world.alice())),
                mutes(new Builder("POST", "/v2/mute/organization/" + world.organization(), world.alice())),
                new Builder("PUT", "/v2/presence/away", world.alice()).route(),
                new Builder("POST", "/v2/push", world.alice()).route(),
                new Builder("POST", "/v2/client_resource", world.alice()).route(),
                new Builder("DELETE", "/v2/message/" + world.message(), world.alice()).route(),
                new Builder("DELETE", "/v2/roster/" + world.bob().token(), world.alice()).route(),
                new Builder("DELETE", "/v2/group/" + world.group(), world.alice()).route(),
                new Builder("DELETE", "/v2/mute", world.alice()).route(),
                new Builder("DELETE", "/v2/events", world.alice()).route(),
                new Builder("GET", "/v2/user", world.alice()).route());
    }

    /** Credentials that are judged only after the body was read. */
    private static String nobodysPassword() {
        byte[] text = "product:nobody@example.org:a password".getBytes(StandardCharsets.UTF_8);
        return "XMPP-Simple " + Base64.getEncoder().encodeToString(text);
    }

    private static Route sends(Builder builder) {
        return builder.optional("ttl", Kind.NUMBER, "60").optional("dor", Kind.FLAG, "false")
                .optional("priority", Kind.NUMBER, "1")
                .optional("data", Kind.DATA, "[]").optional("sub_type", Kind.TEXT, "\"s\"")
                .absent("sender_organization", Kind.TEXT).absent("recipient_organization", Kind.TEXT).route();
    }

    private static Route profile(Builder builder) {
        return builder.optional("first_name", Kind.TEXT, "\"F\"").optional("last_name", Kind.TEXT, "\"L\"")
                .optional("display_name", Kind.TEXT, "\"D\"").optional("status", Kind.TEXT, "\"s\"")
                .optional("title", Kind.TEXT, "\"t\"")
                .optional("department", Kind.TEXT, "\"d\"").optional("dnd", Kind.FLAG, "\"false\"")
                .optional("dnd_text", Kind.TEXT, "\"x\"")
                .route();
    }

    private static Route searches(Builder builder) {
        return builder.optional("display_name", Kind.TEXT, "\"Person\"").optional("directory", Kind.LIST, "[]")
                .optional("type", Kind.LIST, "[\"account\"]").optional("bool", Kind.CONDITION, "{}")
                .optional("results_format", Kind.TEXT, "\"entities\"").optional("return_fields", Kind.LIST, "[]")
                .optional("sort", Kind.ARRAY, "[]").optional("include_disabled", Kind.FLAG, "false")
                .optional("render_metadata", Kind.FLAG, "true").optional("continuation", Kind.NUMBER, "\"0\"").route();
    }

    private static Route policy(Builder builder) {
        return builder.optional("name", Kind.TEXT, "\"Renamed\"").optional("ttl", Kind.NUMBER, "100")
                .optional("ttl_min", Kind.NUMBER, "2")
                .optional("ttl_max", Kind.NUMBER, "200").optional("dor", Kind.FLAG, "true")
                .optional("allow_msg_forward", Kind.FLAG, "false").optional("attachments", Kind.FLAG, "false").route();
    }

    private static Route mutes(Builder builder) {
        return builder.required("duration", Kind.NUMBER, "\"10\"").absent("sender_organization", Kind.TEXT)
                .absent("receiver_organization", Kind.TEXT).route();
    }

    static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static String list(String token) {
        return "[" + quoted(token) + "]";
    }

    /** Gives the request without a body. */
    public Request request() {
        return Request.of(method, path).with("Authorization: " + authorization);
    }

    /** Gives the valid body with one field changed or added. */
    public String bodyWith(String field, String value) {
        Map<String, String> body = new LinkedHashMap<>(valid);
        body.put(field, value);
        return json(body);
    }

    /** Gives the valid body without one field. */
    public String bodyWithout(String field) {
        Map<String, String> body = new LinkedHashMap<>(valid);
        body.remove(field);
        return json(body);
    }

    private static String json(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> quoted(field.getKey()) + ":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Override
    public String toString() {
        return method + " " + path.replaceAll("[0-9a-f-]{36}|[0-9A-Za-z]{24}", "{}");
    }

    /** Puts a route together. */
    private static final class Builder {
        private final String method;
        private final String path;
        private final String authorization;
        private final Map<String, String> valid = new LinkedHashMap<>();
        private final List<String> required = new ArrayList<>();
        private final Map<String, Kind> fields = new LinkedHashMap<>();

        Builder(String method, String path, Credentials somebody) {
            this(method, path, somebody.basic());
        }

        Builder(String method, String path, String authorization) {
            this.method = method;
            this.path = path;
            this.authorization = authorization;
        }

        Builder required(String name, Kind kind, String value) {
            required.add(name);
            return optional(name, kind, value);
        }

        Builder optional(String name, Kind kind, String value) {
            valid.put(name, value);
            return absent(name, kind);
        }

        Builder absent(String name, Kind kind) {
            fields.put(name, kind);
            return this;
        }

        Route route() {
            return new Route(method, path, authorization, Map.copyOf(valid), List.copyOf(required),
                    new LinkedHashMap<>(fields));
        }
    }
}
