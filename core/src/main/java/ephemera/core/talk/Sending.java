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
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
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
    private final Blobs blobs;
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
            Blobs blobs,
            Ids ids,
            Grid grid,
            InstantSource clock,
            Limits limits) {
        this.directory = directory;
        this.rooms = rooms;
        this.journal = journal;
        this.reading = reading;
        this.blobs = blobs;
        this.ids = ids;
        this.grid = grid;
        this.clock = clock;
        this.limits = limits;
    }

    /** What stands where nothing was decided yet. */
    private static final Refused UNDECIDED = Failure.UNAVAILABLE.refused();

    /** Where a message goes. */
    private sealed interface Destination {

        record ToPerson(Person person) implements Destination {}

        record ToGroup(Conversation.Group group) implements Destination {}
    }

    /**
     * Sends a message; the draft's attachments belong to this call and are removed if the message is refused.
     *
     * @throws Refused if the message is empty or too large, the recipient is unknown, or the policy forbids it
     */
    public Journal.Appended send(Caller caller, Draft draft) {
        try {
            check(draft);
            Policy policy = policyFor(caller, draft);
            if (!draft.content().attachments().isEmpty() && !policy.attachments()) {
                throw Failure.ATTACHMENTS_FORBIDDEN.refused();
            }
            Lifespan lifespan = policy.lifespan(draft.lifespanMinutes());
            Message.Traits traits = new Message.Traits(
                    burning(draft.deleteOnRead().orElse(policy.deleteOnRead()), policy),
                    draft.priority(),
                    draft.requestId(),
                    draft.subType());
            return append(caller, draft.recipient(), lifespan, traits, draft.content(), Optional.empty());
        } catch (Refused refused) {
            if (refused.failure() != Failure.UNAVAILABLE) {
                discard(draft.content());
            }
            throw refused;
        }
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
     * together, in their order.
     *
     * @return what became of each, in their order
     * @throws Refused with {@code UNAVAILABLE} if the database is away: what became of them is unknown then
     */
    public List<Outcome> sendAll(Caller caller, List<Draft> drafts) {
        List<Outcome> outcomes = new ArrayList<>(Collections.nCopies(drafts.size(), new Outcome.NotSent(UNDECIDED)));
        List<Outgoing> outgoing = new ArrayList<>(drafts.size());
        List<Integer> places = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            try {
                outgoing.add(toGroup(caller, draft));
                places.add(i);
            } catch (Refused refused) {
                if (refused.failure() == Failure.UNAVAILABLE) {
                    throw refused;
                }
                discard(draft.content());
                outcomes.set(i, new Outcome.NotSent(refused));
            }
        }
        List<Journal.Appended> appended = journal.send(outgoing);
        for (int i = 0; i < appended.size(); i++) {
            if (appended.get(i).repeated()) {
                delete(outgoing.get(i).content(), outgoing.get(i).slice());
            }
            outcomes.set(places.get(i), new Outcome.Sent(appended.get(i).message()));
        }
        return outcomes;
    }

    private Outgoing toGroup(Caller caller, Draft draft) {
        check(draft);
        Policy policy = policyFor(caller, draft);
        if (!draft.content().attachments().isEmpty() && !policy.attachments()) {
            throw Failure.ATTACHMENTS_FORBIDDEN.refused();
        }
        if (!(destination(caller, draft.recipient()) instanceof Destination.ToGroup(Conversation.Group group))
                || !group.contacts().isEmpty()) {
            throw Failure.INVALID.refused("Together, messages are sent to groups of members only.");
        }
        Lifespan lifespan = policy.lifespan(draft.lifespanMinutes());
        Slice slice = grid.slice(clock.instant(), lifespan);
        if (!draft.content().attachments().isEmpty()) {
            blobs.keep(files(draft.content()), slice);
        }
        return new Outgoing(
                MessageId.next(ids, slice),
                caller.organization(),
                group.id(),
                caller.id(),
                Optional.empty(),
                lifespan,
                new Message.Traits(
                        burning(draft.deleteOnRead().orElse(policy.deleteOnRead()), policy),
                        draft.priority(),
                        draft.requestId(),
                        draft.subType()),
                draft.content(),
                Optional.empty(),
                List.of(),
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
                new Content(message.content().body(), draft.content().data(), copies(message));
        try {
            // What the first sender granted, counted anew: a copy is a message of its own.
            Lifespan lifespan = policy.lifespan(Optional.of((long) message.lifespan().minutes()));
            return append(caller, draft.recipient(), lifespan, traits, content, Optional.of(origin));
        } catch (Refused refused) {
            if (refused.failure() != Failure.UNAVAILABLE) {
                discard(content);
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
            Optional<Origin> origin) {
        Destination destination = destination(caller, recipient);
        Slice slice = grid.slice(clock.instant(), lifespan);
        if (!content.attachments().isEmpty()) {
            blobs.keep(files(content), slice);
        }
        try {
            return append(caller, destination, MessageId.next(ids, slice), lifespan, traits, content, origin);
        } catch (Refused refused) {
            if (refused.failure() != Failure.UNAVAILABLE) {
                delete(content, slice);
            }
            throw refused;
        }
    }

    private Journal.Appended append(
            Caller caller,
            Destination destination,
            MessageId id,
            Lifespan lifespan,
            Message.Traits traits,
            Content content,
            Optional<Origin> origin) {
        Journal.Appended appended = switch (destination) {
            case Destination.ToGroup(Conversation.Group group) ->
                    journal.send(new Outgoing(
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
                            group.isTopic()));
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
        if (appended.repeated()) {
            // The first one has its own files.
            delete(content, id.slice().orElseThrow());
        }
        return appended;
    }

    private Destination destination(Caller caller, String recipient) {
        Address address = Address.parse(recipient)
                .orElseThrow(() -> Failure.INVALID.refused("recipient is neither a token nor an address."));
        Optional<Person> person = directory.find(caller, recipient);
        if (person.isPresent()) {
            return new Destination.ToPerson(person.get());
        }
        if (address instanceof Address.Token(UUID token)) {
            Optional<Conversation.Group> group = rooms.group(new ConversationId(token))
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
        if (content.body().isEmpty() && content.attachments().isEmpty()) {
            throw Failure.EMPTY_MESSAGE.refused();
        }
        if (content.attachments().size() > limits.attachments()) {
            throw Failure.INVALID.refused("A message has at most " + limits.attachments() + " attachments.");
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

    /** Copies of a message's files, to be kept with another one; all or none. */
    private List<Attachment> copies(Message message) {
        List<Attachment> copies = new ArrayList<>(message.content().attachments().size());
        try {
            for (Attachment attachment : message.content().attachments()) {
                copies.add(copy(attachment, message.slice()));
            }
            return List.copyOf(copies);
        } catch (RuntimeException e) {
            blobs.discard(copies.stream().map(Attachment::blob).toList());
            throw e;
        }
    }

    private Attachment copy(Attachment attachment, Slice slice) {
        try (InputStream content =
                blobs.open(attachment.blob(), attachment.key(), slice).orElseThrow(Failure.NOT_FOUND::refused)) {
            Blobs.Stored stored = blobs.put(content, Long.MAX_VALUE);
            return new Attachment(stored.id(), stored.key(), attachment.name(), attachment.type(), stored.size());
        } catch (IOException e) {
            throw new UncheckedIOException("copying an attachment failed", e);
        }
    }

    private void discard(Content content) {
        blobs.discard(files(content));
    }

    private void delete(Content content, Slice slice) {
        if (!content.attachments().isEmpty()) {
            blobs.delete(files(content), slice);
        }
    }

    private static List<UUID> files(Content content) {
        return content.attachments().stream().map(Attachment::blob).toList();
    }
}
