package ephemera.acceptance.faults;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * Every send that the server has acknowledged, and every way in which it did not keep its word.
 *
 * <p>Thread-safe.
 */
final class Promises {
    private final Map<String, Sent> sent = new ConcurrentHashMap<>();
    private final Queue<String> breaches = new ConcurrentLinkedQueue<>();
    private final AtomicInteger retries = new AtomicInteger();

    /**
     * A conversation.
     *
     * @param address the recipient that a send names: a person's or a group's token
     * @param name what tells it from others, whoever writes
     * @param members the tokens of all who are told its messages
     */
    record Talk(String address, String name, Set<String> members) {
        /** Gives what two people say to each other. */
        static Talk between(String one, String other) {
            String name = one.compareTo(other) < 0 ? one + "+" + other : other + "+" + one;
            return new Talk(other, name, Set.of(one, other));
        }

        /** Gives what the members of a group say to each other. */
        static Talk among(String group, Collection<String> members) {
            return new Talk(group, group, Set.copyOf(members));
        }
    }

    /**
     * What somebody wants to say; its label is a word of the body and in no other message.
     *
     * @param turn counts what this sender says in this conversation, from 0
     */
    record Said(String sender, Talk talk, int turn, Draft draft) {
        /** Gives the word that tells this message from all others. */
        String label() {
            return labelOf(draft.body());
        }

        static String labelOf(String body) {
            return body.split(" ", 2)[0];
        }

        static String label(String sender, Talk talk, int turn) {
            return sender + "/" + talk.name() + "/" + turn;
        }
    }

    /** An acknowledged send: the server's name for the message and its place in the order. */
    record Sent(Said said, String token, long sortNumber) {
    }

    /** Notes that the server acknowledged a send. */
    void acknowledged(Said said, Reply reply) {
        JsonNode message = reply.reply();
        Sent now = new Sent(said, message.path("message_id").asString(""), message.path("sort_number").asLong(0));
        if (!now.token().equals(reply.messageId()) || now.sortNumber() <= 0) {
            breach("a send was acknowledged without a message: " + reply);
        }
        sent.put(said.label(), now);
    }

    /** Notes that a send was tried again. */
    void retried() {
        retries.incrementAndGet();
    }

    /** Notes that something happened that must not. */
    void breach(String what) {
        breaches.add(what);
    }

    /** Gives how many sends were acknowledged so far. */
    int count() {
        return sent.size();
    }

    /** Gives how often a send was tried again. */
    int retries() {
        return retries.get();
    }

    /** Gives the acknowledged send with a label. */
    Optional<Sent> labelled(String label) {
        return Optional.ofNullable(sent.get(label));
    }

    /** Gives all acknowledged sends. */
    Collection<Sent> all() {
        return sent.values();
    }

    /** Gives the acknowledged sends that somebody must be told. */
    List<Sent> to(String member) {
        return sent.values().stream().filter(each -> each.said().talk().members().contains(member)).toList();
    }

    /** Gives what must not have happened and did. */
    List<String> breaches() {
        return List.copyOf(breaches);
    }

    /** Notes where the order of a conversation is not the order in which each of its writers wrote. */
    void checkOrder() {
        Map<String, Integer> turns = new HashMap<>();
        sent.values().stream().sorted(Comparator.comparingLong(Sent::sortNumber)).forEach(each -> {
            String thread = each.said().sender() + " in " + each.said().talk().name();
            int expected = turns.merge(thread, 1, Integer::sum) - 1;
            if (each.said().turn() != expected) {
                breach("%s: turn %d stands where turn %d belongs".formatted(thread, each.said().turn(), expected));
            }
        });
    }

    /** Gives the file that goes with a message, so that it can be told from any other. */
    static byte[] file(String label) {
        return (label + "\n").repeat(200).getBytes(StandardCharsets.UTF_8);
    }
}
