package ephemera.acceptance.badinput;

import java.util.ArrayList;
import java.util.List;

/**
 * Values of the wrong type, missing ones, and texts that are none: for every field of every route that takes a body.
 */
public final class FieldRows {

    private static final List<String> NO_TEXTS =
            List.of("\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\udc00\\ud800\"");
    private static final int SHOWN = 40;

    private FieldRows() {
    }

    /** Gives a row for each field and each value of a wrong type. */
    public static List<Row> wrongTypes(World world) {
        List<Row> rows = new ArrayList<>();
        for (Route route : Route.all(world)) {
            route.fields().forEach((field, kind) -> kind.wrong()
                    .forEach(value -> rows.add(row(route, field, value, Expected.INVALID))));
        }
        for (String value : List.of("[]", "{}", "null")) {
            rows.add(metadata(world, world.alice().token(), value));
            rows.add(metadata(world, world.group(), value));
        }
        return rows;
    }

    private static Row metadata(World world, String entity, String value) {
        return new Row(
                "POST /v2/metadata/{}: a value is " + value,
                world.ask("POST", "/v2/metadata/" + entity).json("{\"key\":" + value + "}"),
                Expected.INVALID);
    }

    /** Gives rows for each required field: without it, with an empty and with a blank one. */
    public static List<Row> missing(World world) {
        List<Row> rows = new ArrayList<>();
        for (Route route : Route.all(world)) {
            for (String field : route.required()) {
                rows.add(new Row(route + ": without " + field, route.request().json(route.bodyWithout(field)),
                        Expected.MISSING));
                String empty = route.fields().get(field) == Kind.LIST ? "[]" : "\"\"";
                for (String value : List.of("null", empty, "\" \\t \"")) {
                    rows.add(row(route, field, value, Expected.MISSING));
                }
            }
        }
        return rows;
    }

    /** Gives rows for each text: NUL, and halves of characters. */
    public static List<Row> noTexts(World world) {
        List<Row> rows = new ArrayList<>();
        for (Route route : Route.all(world)) {
            route.fields().forEach((field, kind) -> {
                if (kind.hasText()) {
                    NO_TEXTS.forEach(text -> rows.add(row(route, field, kind.holding(text), Expected.MALFORMED)));
                }
            });
        }
        for (String text : NO_TEXTS) {
            for (String document : List.of("{\"key\":" + text + "}", "{" + text + ":\"value\"}")) {
                rows.add(new Row("POST /v2/metadata/{}: " + document,
                        world.ask("POST", "/v2/metadata/" + world.alice().token()).json(document), Expected.MALFORMED));
            }
            rows.add(new Row("POST /v2/search: must.display_name is " + text,
                    world.ask("POST", "/v2/search").json("{\"bool\":{\"must\":{\"display_name\":" + text + "}}}"),
                    Expected.MALFORMED));
            rows.add(new Row("POST /v2/message: a mimetype is " + text,
                    world.ask("POST", "/v2/message").json("{\"recipient\":\"" + world.bob().token()
                            + "\",\"body\":\"hi\",\"data\":[{\"mimetype\":" + text + ",\"payload\":\"1\"}]}"),
                    Expected.MALFORMED));
        }
        return rows;
    }

    private static Row row(Route route, String field, String value, Expected expected) {
        String shown = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
        return new Row(route + ": " + field + " is " + shown, route.request().json(route.bodyWith(field, value)),
                expected);
    }
}
