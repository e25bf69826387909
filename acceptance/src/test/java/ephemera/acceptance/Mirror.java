package ephemera.acceptance;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.Reply;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a published client knows of one person's world: taken as a snapshot, and kept up by the events of the stream.
 *
 * <p>It holds what the contract gives a client: the own user, the roster with its groups and their members, messages,
 * statuses (all for the sender, the own for a reader) and mutes. Events are applied as the published clients do, each
 * by what it says alone: nothing is asked again. Not thread-safe.
 */
final class Mirror {
    private static final List<String> ORDER = List.of("New", "Delivered", "Read");

    /** What an event adds to an entity, and what belongs to the asking. */
    private static final List<String> NOT_OF_ENTITIES = List.of("metadata", "action", "id", "entities");

    /** What an event adds to a message, and what a reader's own status or the sender's present name decides. */
    private static final List<String> NOT_OF_MESSAGES = List.of("expire_in", "xmlns", "is_group_replay", "status",
            "sender_display_name");

    private final String me;
    private final Map<String, JsonNode> parts = new LinkedHashMap<>();
    private final Map<String, ObjectNode> roster = new TreeMap<>();
    private final Map<String, ObjectNode> messages = new TreeMap<>();
    private final Map<String, Map<String, String>> statuses = new TreeMap<>();
    private final Map<String, Integer> mutes = new TreeMap<>();

    private Mirror(String me) {
        this.me = me;
    }

    /** Takes a snapshot, with those of these messages that the person sees. */
    static Mirror of(Somebody person, Collection<String> messageTokens) {
        Mirror mirror = new Mirror(person.token());
        mirror.parts.put("me", without(person.profile(), NOT_OF_ENTITIES));
        for (JsonNode entity : person.tiger().get("/v2/roster").expect(200).reply()) {
            ObjectNode listed = without(entity, NOT_OF_ENTITIES);
            String token = listed.path("token").asString();
            mirror.roster.put(token, listed);
            String path = isGroup(listed) ? "/v2/group/" : "/v2/user/";
            JsonNode single = person.tiger().get(path + token).expect(200).reply();
            if (!without(single, NOT_OF_ENTITIES).equals(listed)) {
                throw new AssertionError("The roster shows another entity than its own path: " + listed + single);
            }
        }
        for (String token : messageTokens) {
            Reply found = person.tiger().message(token);
            if (found.status() == 200) {
                mirror.keep(found.reply());
                person.tiger().messageStatus(token).expect(200).reply().path("statuses").forEach(each -> mirror.mark(
                        token, each.path("account_id").asString(), each.path("status").asString()));
            }
        }
        for (JsonNode mute : person.tiger().get("/v2/mute").expect(200).reply()) {
            mirror.mutes.put(muted(mute), mute.path("mute_duration").asInt());
        }
        return mirror;
    }

    /** Applies an event. */
    void apply(Event event) {
        JsonNode payload = event.payload();
        switch (event.name()) {
            case "friends" -> friends(payload.path("friend"));
            case "update" -> update(payload);
            case "bang" -> bang(payload);
            case "message", "group_message" -> keep(payload);
            case "message:status", "group:message:status" -> {
                if (payload.path("is_recalled").asBoolean()) {
                    forget(event.text("client_id"));
                } else {
                    mark(event.text("client_id"), event.text("account_id"), event.text("status"));
                }
            }
            case "conversation_mute" -> {
                if (event.text("action").equals("add")) {
                    mutes.put(muted(payload), payload.path("mute_duration").asInt());
                } else {
                    mutes.remove(muted(payload));
                }
            }
            case "sse:heartbeat", "client_advisory", "message:is_typing" -> {}
            default -> throw new AssertionError("No published client knows the event " + event.name() + ".");
        }
    }

    private void friends(JsonNode friend) {
        String token = friend.path("token").asString();
        if (friend.path("action").asString().equals("add")) {
            roster.put(token, without(friend, NOT_OF_ENTITIES));
            return;
        }
        roster.remove(token);
        // A deleted conversation of two takes its messages along.
        messages.entrySet().stream().filter(entry -> !entry.getValue().has("group_token"))
                .filter(entry -> other(entry.getValue()).equals(token)).map(Map.Entry::getKey).toList()
                .forEach(this::forget);
    }

    private String other(JsonNode message) {
        String sender = message.path("sender_token").asString();
        return sender.equals(me) ? message.path("recipient_token").asString() : sender;
    }

    private void update(JsonNode payload) {
        ObjectNode entity = without(payload, NOT_OF_ENTITIES);
        String token = entity.path("token").asString();
        roster.computeIfPresent(token, (_, known) -> known.deepCopy().setAll(entity));
        if (token.equals(me)) {
            parts.put("me", entity);
        }
    }

    private void bang(JsonNode payload) {
        String subject = payload.at("/subject_entity/token").asString();
        ObjectNode group = roster.get(payload.at("/target_entity/token").asString());
        if (group != null && group.get("members") instanceof ArrayNode members) {
            List<String> now = members.valueStream().map(JsonNode::asString).filter(each -> !each.equals(subject))
                    .toList();
            members.removeAll();
            now.forEach(members::add);
            if (payload.path("event").asString().equals("added")) {
                members.add(subject);
            }
            group.put("num_members", members.size());
        }
    }

    private void keep(JsonNode message) {
        messages.put(message.path("message_id").asString(), without(message, NOT_OF_MESSAGES));
    }

    private void forget(String message) {
        messages.remove(message);
        statuses.remove(message);
    }

    /** Notes a status of a message that is known, as far as it is this person's business; never back. */
    private void mark(String message, String account, String status) {
        ObjectNode known = messages.get(message);
        boolean mine = known != null && (account.equals(me) || known.path("sender_token").asString().equals(me));
        if (mine && !status.equals("New")) {
            statuses.computeIfAbsent(message, _ -> new TreeMap<>()).merge(account, status,
                    (one, other) -> ORDER.indexOf(one) >= ORDER.indexOf(other) ? one : other);
        }
    }

    private static boolean isGroup(JsonNode entity) {
        return entity.path("type").asString().equals("tigertext:entity:group");
    }

    private static String muted(JsonNode mute) {
        return mute.path("sender_type").asString() + " " + mute.path("sender_token").asString();
    }

    private static ObjectNode without(JsonNode node, List<String> fields) {
        ObjectNode copy = (ObjectNode) node.deepCopy();
        copy.remove(fields);
        return copy;
    }

    /**
     * Gives everything that is known, part by part, for comparison. What was said in a group goes from sight with the
     * group: that it is not in the roster any more does not tell whether the person left it, or all of it was deleted.
     */
    Map<String, Object> state() {
        Map<String, Object> state = new LinkedHashMap<>(parts);
        Map<String, ObjectNode> shown = new TreeMap<>(messages);
        shown.values().removeIf(message -> message.has("group_token")
                && !roster.containsKey(message.path("group_token").asString()));
        Map<String, Map<String, String>> shownStatuses = new TreeMap<>(statuses);
        shownStatuses.keySet().retainAll(shown.keySet());
        state.put("roster", roster);
        state.put("messages", shown);
        state.put("statuses", shownStatuses);
        state.put("mutes", mutes);
        return state;
    }
}
