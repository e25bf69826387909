package ephemera.server.door.tight;

import ephemera.core.talk.ConversationId;
import ephemera.core.talk.TopicQuery;
import ephemera.core.talk.TopicQuery.TextTest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which conversations a query asks for, and in which order (contract B.3, B.4.4).
 *
 * @param entities those about one of these records
 * @param without none about one of these records
 * @param resolved only settled ones, or only open ones
 * @param unread only those that the caller has not read, or has
 * @param texts what their texts must be like
 * @param order by what they are sorted
 * @param ascending whether the oldest is the first
 * @param start from which instant of the order it begins
 * @param isNothing whether the filter lets nothing through
 */
record ConversationFilter(
        Optional<List<String>> entities,
        List<String> without,
        Optional<Boolean> resolved,
        Optional<Boolean> unread,
        List<TextTest> texts,
        TopicQuery.Order order,
        boolean ascending,
        Optional<Instant> start,
        boolean isNothing) {

    private static final int MOST_NAMES = 1_000;
    private static final List<String> RESOLUTIONS = List.of("OPEN", "RESOLVED", "CLOSED");
    private static final List<String> READ = List.of("READ", "UNREAD");
    private static final List<String> FILTERS = List.of(
            "subject", "attachedEntity", "resolutionStatus", "readStatus", "authorUserId", "authorEmail");
    private static final List<String> LISTS = List.of("in", "notIn");
    private static final Map<String, TextTest.Field> TEXTS = fields();
    private static final Map<String, TextTest.Operator> OPERATORS = operators();

    private static Map<String, TextTest.Field> fields() {
        Map<String, TextTest.Field> fields = new LinkedHashMap<>();
        fields.put("subject", TextTest.Field.SUBJECT);
        fields.put("authorUserId", TextTest.Field.AUTHOR_NAME);
        fields.put("authorEmail", TextTest.Field.AUTHOR_EMAIL);
        return fields;
    }

    private static Map<String, TextTest.Operator> operators() {
        Map<String, TextTest.Operator> operators = new LinkedHashMap<>();
        operators.put("equal", TextTest.Operator.EQUAL);
        operators.put("notEqual", TextTest.Operator.NOT_EQUAL);
        operators.put("greaterThan", TextTest.Operator.GREATER);
        operators.put("greaterThanEqual", TextTest.Operator.GREATER_EQUAL);
        operators.put("lessThan", TextTest.Operator.LESS);
        operators.put("lessThanEqual", TextTest.Operator.LESS_EQUAL);
        operators.put("contain", TextTest.Operator.CONTAIN);
        return operators;
    }

    /** What the body of a query says; what is wrong with it is noted in its fields. */
    static ConversationFilter of(Fields body) {
        Optional<Fields> filter = body.object("filter");
        filter.ifPresent(all -> all.only(FILTERS));
        Optional<Fields> entity = filter.flatMap(all -> all.object("attachedEntity"));
        entity.ifPresent(all -> all.only(List.of("id")));
        Optional<Fields> id = entity.flatMap(all -> all.object("id"));
        id.ifPresent(all -> all.only(LISTS));
        Choice resolution = filter.map(all -> Choice.of(all, "resolutionStatus", RESOLUTIONS)).orElse(Choice.ANY);
        Choice read = filter.map(all -> Choice.of(all, "readStatus", READ)).orElse(Choice.ANY);
        List<TextTest> tests = new ArrayList<>();
        filter.ifPresent(all -> TEXTS.forEach((name, field) -> all.object(name).ifPresent(fields -> {
            fields.only(OPERATORS.keySet());
            OPERATORS.forEach((operator, test) -> fields.text(operator)
                    .ifPresent(value -> tests.add(new TextTest(field, test, value))));
        })));
        Optional<Fields> sort = body.objectOrFirst("sort");
        boolean changed = sort.flatMap(each -> each.word(
                "orderBy", List.of("CREATED_DATE_TIME", "CREATEDDATETIME", "LAST_UPDATED_DATE_TIME",
                        "LASTUPDATEDDATETIME")))
                .filter(word -> word.startsWith("LAST"))
                .isPresent();
        boolean ascending = sort.flatMap(each -> each.word("direction", List.of("ASC", "DESC")))
                .filter("DESC"::equals)
                .isEmpty();
        return new ConversationFilter(
                id.flatMap(each -> names(each, "in")),
                id.flatMap(each -> names(each, "notIn")).orElse(List.of()),
                resolution.isFirst().map(open -> !open),
                read.isFirst().map(is -> !is),
                tests,
                changed ? TopicQuery.Order.CHANGED : TopicQuery.Order.CREATED,
                ascending,
                sort.flatMap(each -> each.instant("start")),
                resolution.isNothing() || read.isNothing());
    }

    private static Optional<List<String>> names(Fields id, String operator) {
        Optional<List<String>> names = id.texts(operator);
        if (names.filter(all -> all.size() > MOST_NAMES).isPresent()) {
            id.wrong(operator, "This has at most " + MOST_NAMES + " ids.");
        }
        return names;
    }

    /** Where a list that has no cursor yet begins. */
    Optional<TopicQuery.Place> beginning() {
        // Ids of topics are neither of these, so all topics of that instant are behind the place.
        return start.map(at -> new TopicQuery.Place(
                at, new ConversationId(ascending ? new UUID(0, 0) : new UUID(-1, -1))));
    }

    /** Which of two states are asked for. */
    private record Choice(boolean first, boolean second) {

        static final Choice ANY = new Choice(true, true);

        static Choice of(Fields filter, String name, List<String> words) {
            Optional<Fields> operators = filter.object(name);
            operators.ifPresent(each -> each.only(LISTS));
            Optional<List<String>> in = operators.flatMap(each -> each.words("in", words));
            Optional<List<String>> notIn = operators.flatMap(each -> each.words("notIn", words));
            boolean first = in.map(all -> all.contains(words.getFirst())).orElse(true)
                    && notIn.map(all -> !all.contains(words.getFirst())).orElse(true);
            List<String> others = words.subList(1, words.size());
            boolean second = in.map(all -> all.stream().anyMatch(others::contains)).orElse(true)
                    && notIn.map(all -> all.stream().noneMatch(others::contains)).orElse(true);
            return new Choice(first, second);
        }

        /** Whether it must be the first; empty if either may be. */
        Optional<Boolean> isFirst() {
            return first == second ? Optional.empty() : Optional.of(first);
        }

        boolean isNothing() {
            return !first && !second;
        }
    }
}
