package ephemera.core.talk;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of the topics of an organization: which, in which order, and from where on.
 *
 * @param entities those about one of these records; any, if empty
 * @param without none about one of these records
 * @param resolved only settled ones, or only open ones
 * @param unread only those that the viewer has not read, or has
 * @param texts what their texts must be like
 * @param order by what they are sorted
 * @param ascending whether the oldest is the first
 * @param from after which one, in that order; from the first one on, if empty
 * @param backward whether those before {@code from} are asked for, the nearest to it
 * @param limit how many at most
 */
public record TopicQuery(
        Optional<List<String>> entities,
        List<String> without,
        Optional<Boolean> resolved,
        Optional<Boolean> unread,
        List<TextTest> texts,
        Order order,
        boolean ascending,
        Optional<Place> from,
        boolean backward,
        int limit) {

    /** By what topics are sorted; those of the same instant by their ids. */
    public enum Order {
        /** When they were opened. */
        CREATED,
        /** When something of them changed or was said last. */
        CHANGED
    }

    /** A place in the order: of a topic that was there when somebody looked. */
    public record Place(Instant at, ConversationId topic) {}

    /** What a text must be like. */
    public record TextTest(Field field, Operator operator, String value) {

        /** Which text. */
        public enum Field {
            /** What the topic is about. */
            SUBJECT,
            /** The name by which the application knows who opened it. */
            AUTHOR_NAME,
            /** The e-mail address of who opened it. */
            AUTHOR_EMAIL
        }

        /** How it is compared; by its characters, {@code CONTAIN} in any case. */
        public enum Operator {
            EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, CONTAIN
        }
    }

    /**
     * Some of what was asked for, in its order.
     *
     * @param more whether there is more in the direction that was asked for
     */
    public record Page(List<Topic> topics, boolean more) {}
}
