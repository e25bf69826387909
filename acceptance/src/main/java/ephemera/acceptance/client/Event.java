package ephemera.acceptance.client;

import tools.jackson.databind.JsonNode;

/**
 * One event as it came down a stream.
 *
 * @param id the event's token, by which it is acknowledged
 * @param name the event's name without the prefix {@code tigertext:iq:}, for example {@code message:status}
 * @param payload what the name stands for
 * @param lastEventId the {@code id:} line that came with it, or an empty text
 */
public record Event(String id, String name, JsonNode payload, String lastEventId) {
    /** Says whether the event has this name. */
    public boolean is(String wanted) {
        return name.equals(wanted);
    }

    /** Says whether the event is a message, of a direct or a group conversation. */
    public boolean isMessage() {
        return is("message") || is("group_message") || is("group:message");
    }

    /** Says whether the event is the advisory with this name. */
    public boolean isAdvisory(String wanted) {
        return is("client_advisory") && payload.path("advisory").path("name").asString("").equals(wanted);
    }

    /** Says whether it tells of the stream itself and comes whenever the server sees fit: advisories and heartbeats. */
    public boolean isControl() {
        return is("client_advisory") || is("sse:heartbeat");
    }

    /** Says whether the published JS client acknowledges events of this kind. */
    public boolean isAcknowledged() {
        return switch (name) {
            case "presence", "sse:heartbeat", "sse:keepalive", "message:is_typing", "remote_wipe" -> false;
            default -> true;
        };
    }

    /** Gives a field of the payload as text, or an empty text. */
    public String text(String field) {
        return payload.path(field).asString("");
    }

    /** Gives the token of the message that the event is about, or an empty text. */
    public String messageId() {
        String id = text("message_id");
        return id.isEmpty() ? text("client_id") : id;
    }
}
