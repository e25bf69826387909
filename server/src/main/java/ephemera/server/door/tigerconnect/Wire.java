package ephemera.server.door.tigerconnect;

import ephemera.core.directory.Address;
import ephemera.core.directory.Organization;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.People;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.directory.Profile;
import ephemera.core.talk.Archive;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.Datum;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Origin;
import ephemera.core.talk.Receipt;
import ephemera.core.talk.ReceiptStatus;
import ephemera.server.http.JsonText;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The shapes of the contract's data model (section 5). Thread-safe. */
final class Wire {

    static final String ACCOUNT = "tigertext:entity:account";
    static final String GROUP = "tigertext:entity:group";
    static final String ORGANIZATION = "tigertext:entity:organization";

    /** Three digits behind the second: the only form that all clients read (section 2.9). */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final People people;
    private final Supplier<String> url;

    /**
     * Makes the shapes.
     *
     * @param people for names
     * @param url where this server is reached, for the addresses of pictures
     */
    Wire(People people, Supplier<String> url) {
        this.people = people;
        this.url = url;
    }

    /** An instant as text. */
    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** A receipt status as the clients' enumerations spell it (trap 10). */
    static String status(ReceiptStatus status) {
        return switch (status) {
            case NEW -> "New";
            case DELIVERED -> "Delivered";
            case READ -> "Read";
        };
    }

    /** A person (section 5.1), without metadata. */
    ObjectNode user(Person person) {
        Profile profile = person.profile();
        ObjectNode user = entity(ACCOUNT, person.id().toString(), person.organization())
                .put("display_name", profile.displayName())
                .put("first_name", profile.firstName())
                .put("last_name", profile.lastName())
                .put("username", person.username().map(Address.Username::text).orElse(""))
                .put("status", profile.status())
                .put("title", profile.title())
                .put("department", profile.department())
                .put("dnd", profile.doNotDisturb())
                .put("dnd_text", profile.doNotDisturbText())
                .put("avatar", profile.avatar().map(this::avatar).orElse(null));
        ArrayNode emails = user.putArray("emails");
        person.email()
                .ifPresent(email -> emails.addObject().put("address", email.text()).put("verified", true));
        ArrayNode phones = user.putArray("phones");
        person.phone()
                .ifPresent(phone -> phones.addObject().put("number", phone.text()).put("verified", true));
        return user;
    }

    /** A group (section 5.3), without metadata, which some clients cannot bear unasked (trap 9). */
    ObjectNode group(Conversation.Group group) {
        ObjectNode node = groupWithoutMembers(group);
        ArrayNode members = node.putArray("members");
        group.members().forEach(member -> members.add(member.toString()));
        return node;
    }

    /** A group too large to tell its members to each of them. */
    ObjectNode groupWithoutMembers(Conversation.Group group) {
        return entity(GROUP, group.id().toString(), group.organization())
                .put("name", group.looks().name())
                .put("display_name", group.looks().name())
                .put("description", group.looks().description())
                .put("num_members", group.members().size())
                .put("created_by", group.createdBy().toString())
                .put("created_time", time(group.createdAt()))
                .put("avatar", group.looks().avatar().map(this::avatar).orElse(null))
                .put("replay_history", group.looks().replaysHistory())
                .put("is_public", group.looks().isPublic());
    }

    /** What every entity has: its kind twice, for old and new clients, its token, its organization twice. */
    static ObjectNode entity(String kind, String token, OrganizationId organization) {
        return JsonText.object()
                .put("token", token)
                .put("type", kind)
                .put("xmlns", kind)
                .put("organization_key", organization.token())
                .put("organization_id", organization.token());
    }

    /** Where a picture can be loaded. */
    String avatar(UUID blob) {
        return url.get() + "/v2/avatar/" + blob;
    }

    /** An organization (section 5.2); the settings keep clients from asking for a lifespan of −1 (trap 8). */
    static ObjectNode organization(Organization organization, int members) {
        Policy policy = organization.policy();
        ObjectNode node = JsonText.object()
                .put("token", organization.id().token())
                .put("type", ORGANIZATION)
                .put("xmlns", ORGANIZATION)
                .put("name", organization.name())
                .put("display_name", organization.name())
                .put("members", members)
                .put("paid", true)
                .put("pending", false)
                .put("allow_public_groups", true)
                .put("allow_msg_forward", policy.forwarding())
                .put("dor", policy.deleteOnRead())
                .put("eula", false);
        ArrayNode settings = node.putArray("settings");
        setting(settings, "ttl", Integer.toString(policy.standard().minutes()));
        setting(settings, "ttl_min", Integer.toString(policy.shortest().minutes()));
        setting(settings, "ttl_max", Integer.toString(policy.longest().minutes()));
        setting(settings, "dor", policy.deleteOnRead() ? "1" : "0");
        setting(settings, "forward", policy.forwarding() ? "1" : "0");
        setting(settings, "attachments", policy.attachments() ? "1" : "0");
        setting(settings, "priority_messaging", "1");
        return node;
    }

    private static void setting(ArrayNode settings, String name, String value) {
        settings.addObject().put("name", name).put("value", value);
    }

    /** A message (section 5.4). */
    ObjectNode message(Message message, ReceiptStatus status) {
        String sender = message.sender().toString();
        ObjectNode node = JsonText.object()
                .put("message_id", message.id().toString())
                .put("client_id", message.id().toString())
                .put("sender_token", sender)
                .put("sender", sender)
                .put("sender_organization", message.organization().token())
                .put("recipient_organization", message.organization().token())
                .put("sender_display_name", name(message.sender()));
        message.recipient().ifPresentOrElse(
                recipient -> node.put("recipient_token", recipient.toString()).put("recipient", recipient.toString()),
                () -> node.put("group_token", message.conversation().toString()));
        node.put("created_time", time(message.sentAt()))
                .put("body", message.content().body())
                .put("ttl", message.lifespan().toldMinutes())
                .put("dor", message.traits().deleteOnRead())
                .put("status", status(status))
                .put("priority", message.traits().priority().level())
                .put("sort_number", message.position().value())
                .put("sort_series", 1);
        List<Attachment> files = message.content().attachments();
        node.set("attachments", attachments(files));
        if (!files.isEmpty()) {
            node.put("attachment_name", files.getFirst().name());
        }
        node.set("data", data(message.content().data()));
        putText(node, "request_id", message.traits().requestId());
        putText(node, "sub_type", message.traits().subType());
        node.put("is_forwarded", message.origin().isPresent());
        message.origin().ifPresent(origin -> putOrigin(node, origin));
        return node;
    }

    private static void putOrigin(ObjectNode node, Origin origin) {
        node.put("original_msg_id", origin.message().toString())
                .put("original_sender", origin.sender().toString())
                .put("original_sender_display_name", origin.senderName())
                .put("original_timestamp", time(origin.sentAt()))
                .set("original_data", data(origin.data()));
    }

    /** Adds a text unless it is empty. */
    static void putText(ObjectNode node, String name, String text) {
        if (!text.isEmpty()) {
            node.put(name, text);
        }
    }

    private static ArrayNode attachments(List<Attachment> files) {
        ArrayNode attachments = JsonText.array();
        for (Attachment file : files) {
            attachments
                    .addObject()
                    .put("attachment_id", Integer.toString(attachments.size()))
                    .put("name", file.name())
                    .put("content-type", file.type())
                    .put("size", file.size());
        }
        return attachments;
    }

    private static ArrayNode data(List<Datum> data) {
        ArrayNode items = JsonText.array();
        data.forEach(datum -> items.addObject()
                .put("mimetype", datum.mimetype())
                .put("namespace", datum.namespace())
                .put("payload", datum.payload()));
        return items;
    }

    /** The display name of a person, or empty text if there is no such person (any more). */
    String name(PersonId person) {
        return people.person(person).map(found -> found.profile().displayName()).orElse("");
    }

    /** How far a message has come with each recipient (section 3.7). */
    static ObjectNode receipts(MessageId message, Archive.Receipts receipts) {
        ObjectNode node = JsonText.object()
                .put("client_id", message.toString())
                .put("message_id", message.toString())
                .put("is_recalled", receipts.recalled());
        ArrayNode statuses = node.putArray("statuses");
        for (Receipt receipt : receipts.receipts()) {
            ObjectNode status = statuses.addObject()
                    .put("account_id", receipt.reader().toString())
                    .put("status", status(receipt.status()))
                    .put("timestamp", time(receipt.at()));
            // An addition: somebody without streams, for whom the message waits to leave through a channel.
            receipt.channel().ifPresent(channel -> status.put("channel", channel).put("delivery_status", "queued"));
        }
        return node;
    }

    /** A mute (section 3.24). */
    static ObjectNode mute(Mute mute, OrganizationId organization) {
        String kind = switch (mute.kind()) {
            case PERSON -> "account";
            case GROUP -> "group";
            case ORGANIZATION -> "organization";
        };
        return JsonText.object()
                .put("sender_type", kind)
                .put("sender_token", mute.target())
                .put("caller_organization", organization.token())
                .put("organization_id", organization.token())
                .put("mute_start", mute.since().getEpochSecond())
                .put("mute_duration", mute.minutes());
    }

    /** Metadata as a flat object. */
    static ObjectNode metadata(Map<String, String> fields) {
        ObjectNode node = JsonText.object();
        fields.forEach(node::put);
        return node;
    }

    /** Tokens as an array. */
    static ArrayNode tokens(Collection<PersonId> people) {
        ArrayNode tokens = JsonText.array();
        people.forEach(person -> tokens.add(person.toString()));
        return tokens;
    }
}
