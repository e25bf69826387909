package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Lifespan;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Address;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Grid;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The use cases that put a message into a conversation: send and forward.
 *
 * <p>A send needs the caller, the recipient, the conversation and the policy, all of which come from caches, and then
 * one round trip to the disk. Thread-safe.
 */
public final class Sending {

    private final Directory directory;
    private final Rooms rooms;
    private final Journal journal;
    private final Reading reading;
    private final Uploads uploads;
    private final Enclosures enclosures;
    private final Ids ids;
    private final Grid grid;
    private final InstantSource clock;
    private final Limits limits;

    /**
     * Makes the use cases over those ports.
     *
     * @param clock tells about the time at which the journal will store what is sent now
     */
    public Sending(
            Directory directory,
            Rooms rooms,
            Journal journal,
            Reading reading,
            Uploads uploads,
            Blobs blobs,
            Ids ids,
            Grid grid,
            InstantSource clock,
            Limits limits) {
        this.directory = directory;
        this.rooms = rooms;
        this.journal = journal;
        this.reading = reading;
        this.uploads = uploads;
        this.enclosures = new Enclosures(uploads, blobs);
        this.ids = ids;
        this.grid = grid;
        this.clock = clock;
        this.limits = limits;
    }

    /** Where a message goes. */
    private sealed interface Destination {

        record ToPerson(Person person) implements Destination {}

        record ToGroup(Conversation.Group group) implements Destination {}
    }

    /**
     * Sends a message; the draft's attachments belong to this call and are removed if the message is refused, files
     * that wait for it wait on.
     *
     * @throws Refused if the message is empty or too large, the recipient is unknown, or the policy forbids it; with
     *     {@code ATTACHMENT_UNAVAILABLE} if one of the uploads does not wait in the organization
     */
    public Journal.Appended send(Caller caller, Draft draft) {
        try {
            check(draft);
            Policy policy = policyFor(caller, draft);
            checkFiles(draft, policy);
            Lifespan lifespan = policy.lifespan(draft.lifespanMinutes());
            return append(
                    caller, draft.recipient(), lifespan, traits(draft, policy), draft.content(), Optional.empty(),
                    draft.uploads());
        } catch (Refused refused) {
            if (refused.failure() != Failure.UNAVAILABLE) {
                enclosures.discard(draft.content());
            }
            throw refused;
        }
    }

    /**
     * Refuses what {@link #send} would refuse wherever the message went: for whoever has to open a conversation first.
     *
     * @throws Refused like {@link #send}
     */
    public void require(Caller caller, Draft draft) {
        check(draft);
        checkFiles(draft, policyFor(caller, draft));
        uploads.require(caller, draft.uploads(), draft.requestId());
    }

    /** What became of a message of several that were sent together. */
    public sealed interface Outcome {

        /** It was sent. */
        record Sent(Message message) implements Outcome {}

        /** It was refused, and its files are gone. */
        record NotSent(Refused refused) implements Outcome {}
    }

    /**
     * Sends several messages into groups, each for itself: what is wrong with one harms no other. They are on disk
     * together, in their order; those into groups with contacts follow one by one, since each is queued for a channel,
     * too.
     *
     * @return what became of each, in their order
     * @throws Refused with {@code UNAVAILABLE} if the database is away: what became of them is unknown then
     */
    public List<Outcome> sendAll(Caller caller, List<Draft> drafts) {
        Outcome[] outcomes = new Outcome[drafts.size()];
        List<Prepared> prepared = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            try {
                prepared.add(toGroup(caller, draft, i));
            } catch (Refused refused) {
                if (refused.failure() == Failure.UNAVAILABLE) {
                    // Another attempt with the same request id may be on its way with the same files.
                    prepared.stream()
                            .filter(each -> each.outgoing().traits().requestId().isEmpty())
                            .forEach(each -> enclosures.giveBack(each.packed()));
                    throw refused;
                }
                enclosures.discard(draft.content());
                outcomes[i] = new Outcome.NotSent(refused);
            }
        }
        List<Prepared> together = prepared.stream().filter(each -> !each.leaves()).toList();
        List<Journal.Appended> appended = journal.send(together.stream().map(Prepared::outgoing).toList());
        for (int i = 0; i < appended.size(); i++) {
            enclosures.delivered(together.get(i).packed(), appended.get(i));
            outcomes[together.get(i).place()] = new Outcome.Sent(appended.get(i).message());
        }
        prepared.stream().filter(Prepared::leaves).forEach(each -> outcomes[each.place()] = sendAlone(each));
        return List.of(outcomes);
    }

    private Outcome sendAlone(Prepared prepared) {
        try {
            return new Outcome.Sent(enclosures
                    .deliver(prepared.packed(), () -> journal.send(prepared.outgoing()))
                    .message());
        } catch (Refused refused) {
            if (refused.failure() == Failure.UNAVAILABLE) {
                throw refused;
            }
            return new Outcome.NotSent(refused);
        }
    }

    /** A message of several, ready for the journal. */
    private record Prepared(int place, Enclosures.Packed packed, Outgoing outgoing) {

        /** Whether it also goes through a channel, to contacts. */
        boolean leaves() {
            return !outgoing.contacts().isEmpty();
        }
    }

    private Prepared toGroup(Caller caller, Draft draft, int place) {
        check(draft);
        Policy policy = policyFor(caller, draft);
        checkFiles(draft, policy);
        if (!(destination(caller, draft.recipient()) instanceof Destination.ToGroup(Conversation.Group group))) {
            throw Failure.INVALID.refused("Together, messages are sent to groups only.");
        }
        Lifespan lifespan = policy.lifespan(draft.lifespanMinutes());
        MessageId wanted = MessageId.next(ids, grid.slice(clock.instant(), lifespan));
        Enclosures.Packed packed =
                enclosures.pack(caller, draft.content(), draft.uploads(), draft.requestId(), wanted);
        return new Prepared(place, packed, outgoing(
                caller, group, packed.id(), lifespan, traits(draft, policy), packed.content(), Optional.empty()));
    }

    private static Message.Traits traits(Draft draft, Policy policy) {
        return new Message.Traits(
                burning(draft.deleteOnRead().orElse(policy.deleteOnRead()), policy),
                draft.priority(),
                draft.requestId(),
                draft.subType());
    }

    /** A message into a group; those of its members who are contacts get it through a channel, too. */
    private static Outgoing outgoing(
            Caller caller,
            Conversation.Group group,
            MessageId id,
            Lifespan lifespan,
            Message.Traits traits,
            Content content,
            Optional<Origin> origin) {
        return new Outgoing(
                id,
                caller.organization(),
                group.id(),
                caller.id(),
                Optional.empty(),
                lifespan,
                traits,
                content,
                origin,
                List.copyOf(group.contacts()),
                group.isTopic());
    }

    /**
     * Forwards a message to somebody else: body and attachments are copied, and it lives as long as the original was
     * granted.
     *
     * @throws Refused with {@code FORWARDING_FORBIDDEN} if the policy forbids it or the message is deleted on reading
     */
    public Journal.Appended forward(Caller caller, MessageId original, Draft draft) {
        Message message = reading.look(caller, original);
        Policy policy = policyFor(caller, draft);
        if (!policy.forwarding() || message.traits().deleteOnRead()) {
            throw Failure.FORWARDING_FORBIDDEN.refused();
        }
        checkData(draft.content().data());
        checkKey(draft.requestId());
        Origin origin = message.origin()
                .orElseGet(() -> new Origin(
                        message.id(),
                        message.sender(),
                        directory
                                .find(caller, message.sender())
                                .map(person -> person.profile().displayName())
                                .orElse(""),
                        message.sentAt(),
                        message.content().data()));
        Message.Traits traits =
                new Message.Traits(Message.Burning.NEVER, draft.priority(), draft.requestId(), draft.subType());
        Content content =
                new Content(message.content().body(), draft.content().data(), enclosures.copies(message));
        try {
            // What the first sender granted, counted anew: a copy is a message of its own.
            Lifespan lifespan = policy.lifespan(Optional.of((long) message.lifespan().minutes()));
            return append(
                    caller, draft.recipient(), lifespan, traits, content, Optional.of(origin), List.of());
        } catch (Refused refused) {
            if (refused.failure() != Failure.UNAVAILABLE) {
                enclosures.discard(content);
            }
            throw refused;
        }
    }

    private static Message.Burning burning(boolean deleteOnRead, Policy policy) {
        if (!deleteOnRead) {
            return Message.Burning.NEVER;
        }
        return policy.strict() ? Message.Burning.AT_ONCE : Message.Burning.LATER;
    }

    private Journal.Appended append(
            Caller caller,
            String recipient,
            Lifespan lifespan,
            Message.Traits traits,
            Content content,
            Optional<Origin> origin,
            List<UUID> uploads) {
        Destination destination = destination(caller, recipient);
        MessageId wanted = MessageId.next(ids, grid.slice(clock.instant(), lifespan));
        Enclosures.Packed packed = enclosures.pack(caller, content, uploads, traits.requestId(), wanted);
        return enclosures.deliver(
                packed,
                () -> append(caller, destination, packed.id(), lifespan, traits, packed.content(), origin));
    }

    private Journal.Appended append(
            Caller caller,
            Destination destination,
            MessageId id,
            Lifespan lifespan,
            Message.Traits traits,
            Content content,
            Optional<Origin> origin) {
        return switch (destination) {
            case Destination.ToGroup(Conversation.Group group) ->
                    journal.send(outgoing(caller, group, id, lifespan, traits, content, origin));
            case Destination.ToPerson(Person person) ->
                    journal.send(new Outgoing(
                            id,
                            caller.organization(),
                            listed(caller, person),
                            caller.id(),
                            Optional.of(person.id()),
                            lifespan,
                            traits,
                            content,
                            origin,
                            person.isMember() ? List.of() : List.of(person.id()),
                            false));
        };
    }

    private Destination destination(Caller caller, String recipient) {
        Address address = Address.parse(recipient)
                .orElseThrow(() -> Failure.INVALID.refused("recipient is neither a token nor an address."));
        // Tokens are random, so none is a person's and a group's: of a group that is written to often nobody need ask
        // the database whether it is a person.
        Optional<Conversation.Group> known = address instanceof Address.Token(UUID token)
                ? rooms.groupAtHand(new ConversationId(token))
                : Optional.empty();
        Optional<Person> person = known.isPresent() ? Optional.empty() : directory.find(caller, recipient);
        if (person.isPresent()) {
            return new Destination.ToPerson(person.get());
        }
        if (address instanceof Address.Token(UUID token)) {
            Optional<Conversation.Group> group = known.or(() -> rooms.group(new ConversationId(token)))
                    .filter(found -> found.organization().equals(caller.organization()));
            if (group.isPresent() && !group.get().has(caller.id())) {
                throw Failure.NOT_A_MEMBER.refused();
            }
            return new Destination.ToGroup(
                    group.orElseThrow(() -> Failure.NOT_FOUND.refused("There is no such recipient.")));
        }
        return new Destination.ToPerson(directory.reachable(caller, address));
    }

    /** The conversation with that person, opened first if need be and put into both rosters. */
    private ConversationId listed(Caller caller, Person other) {
        ConversationId id = ConversationId.between(caller.id(), other.id());
        Optional<Conversation.Direct> known = rooms.direct(id);
        if (known.isEmpty() || !known.get().unlisted().isEmpty()) {
            Set<PersonId> both = caller.id().equals(other.id()) ? Set.of(caller.id()) : Set.of(caller.id(), other.id());
            journal.list(new Conversation.Direct(id, caller.organization(), both, both));
        }
        return id;
    }

    /** The sender's policy, if the organizations that the sender named are the sender's. */
    private Policy policyFor(Caller caller, Draft draft) {
        Organization organization = directory.organization(caller);
        String token = organization.id().token();
        if (!draft.senderOrganization().orElse(token).equals(token)) {
            throw Failure.NOT_FOUND.refused("There is no such organization.");
        }
        if (!draft.recipientOrganization().orElse(token).equals(token)) {
            throw Failure.NOT_FOUND.refused("There is no such recipient.");
        }
        return organization.policy();
    }

    private void check(Draft draft) {
        Content content = draft.content();
        if (content.body().isEmpty() && !draft.hasFiles()) {
            throw Failure.EMPTY_MESSAGE.refused();
        }
        // A character needs one to three bytes: most bodies are judged without counting.
        int length = content.body().length();
        if (length * 3L > limits.bodyBytes()
                && content.body().getBytes(StandardCharsets.UTF_8).length > limits.bodyBytes()) {
            throw Failure.TOO_LARGE.refused("A body has at most " + limits.bodyBytes() + " bytes.");
        }
        checkData(content.data());
        checkKey(draft.requestId());
        checkKey(draft.subType());
    }

    private void checkFiles(Draft draft, Policy policy) {
        if (draft.hasFiles() && !policy.attachments()) {
            throw Failure.ATTACHMENTS_FORBIDDEN.refused();
        }
        if (draft.content().attachments().size() + draft.uploads().size() > limits.attachments()) {
            Failure failure = draft.uploads().isEmpty() ? Failure.INVALID : Failure.ATTACHMENT_UNAVAILABLE;
            throw failure.refused("A message has at most " + limits.attachments() + " attachments.");
        }
    }

    private void checkData(List<Datum> data) {
        if (data.size() > limits.dataItems()) {
            throw Failure.INVALID.refused("A message has at most " + limits.dataItems() + " data items.");
        }
        long length = 0;
        for (Datum datum : data) {
            length += datum.length();
        }
        if (length > limits.bodyBytes()) {
            throw Failure.TOO_LARGE.refused("The data of a message has at most " + limits.bodyBytes() + " characters.");
        }
    }

    private void checkKey(String key) {
        if (key.length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A request id or sub type is too long.");
        }
    }
}
