package ephemera.server.door.tight;

import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which part of a list is asked for (contract B.3).
 *
 * @param list which list of whom, for whose cursors this is
 * @param bookmarks writes and reads cursors
 * @param place behind which place it begins, or before which it ends; the end of the list if there is none
 * @param backward whether it ends before the place
 * @param limit how many at most
 */
record Paging(String list, Bookmarks bookmarks, Optional<String> place, boolean backward, int limit) {

    /** The longest page (contract B.3). */
    static final int MOST = 250;

    private static final int USUAL = 100;

    /**
     * What the fields {@code cursor} and {@code limit} ask for; what is wrong with them is noted there.
     *
     * @param list which list it is, with all that it is filtered by
     */
    static Paging of(Call call, Fields fields, Bookmarks bookmarks, String list) {
        String owned = Bookmarks.owner(call.caller()) + " " + list;
        Optional<String> shown = fields.text("cursor");
        Optional<String> place = shown.flatMap(cursor -> bookmarks.place(owned, cursor));
        if (shown.isPresent() && place.isEmpty()) {
            fields.wrong("cursor", "This is no cursor of this list.");
        }
        Optional<Long> limit = fields.number("limit");
        if (limit.filter(wanted -> wanted < 1 || wanted > MOST).isPresent()) {
            fields.wrong("limit", "This must be a number from 1 to " + MOST + ".");
        }
        return new Paging(
                owned,
                bookmarks,
                place.map(text -> text.substring(1)),
                place.filter(text -> text.startsWith("<")).isPresent(),
                limit.filter(wanted -> wanted >= 1 && wanted <= MOST).map(Math::toIntExact).orElse(USUAL));
    }

    /** The fields {@code cursor} and {@code limit} of a query, as they would stand in a body. */
    static Fields query(Call call) {
        ObjectNode fields = JsonText.object();
        call.parameters().text("cursor").ifPresent(text -> fields.put("cursor", text));
        call.parameters().text("limit").map(String::strip).ifPresent(text -> {
            if (text.matches("-?[0-9]{1,9}")) {
                fields.put("limit", Integer.parseInt(text));
            } else {
                fields.put("limit", text);
            }
        });
        return Fields.of(fields);
    }

    /**
     * The page with its cursors.
     *
     * @param found in the order of the list
     * @param more whether there are more in the direction that was asked for
     * @param place where something is in the list
     */
    <T> Reply page(List<T> found, boolean more, Function<T, JsonNode> text, Function<T, String> place) {
        return page(found, backward ? more : place().isPresent(), backward || more, text, place);
    }

    /** The page with its cursors, where it is known whether there are any before and after it. */
    <T> Reply page(
            List<T> found, boolean before, boolean after, Function<T, JsonNode> text, Function<T, String> place) {
        ArrayNode data = JsonText.array();
        found.forEach(each -> data.add(text.apply(each)));
        if (found.isEmpty() || (!before && !after)) {
            return Envelope.page(data, Optional.empty());
        }
        return Envelope.page(data, Optional.of(JsonText.object()
                .put("after", after ? bookmarks.text(list, ">" + place.apply(found.getLast())) : null)
                .put("before", before ? bookmarks.text(list, "<" + place.apply(found.getFirst())) : null)));
    }
}
