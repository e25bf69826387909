package ephemera.acceptance.badinput;

import java.util.ArrayList;
import java.util.List;

/** Paths that try to be another one: dots, slashes and line ends in percent-escapes, NUL, and escapes that are none. */
public final class PathRows {

    private static final List<String> NOWHERE =
            List.of("..", ".", "%2e%2e", "%2e%2e%2f", "..%2f..%2fetc%2fpasswd", "..%5c..%5cwin.ini",
                    "%2fetc%2fpasswd", "x%2f..%2fy", "%0d%0aX-Injected:%20yes", "%0aX-Injected:%20yes", "a%0db", "%",
                    "%4", "%zz", "%u002e", "%ff",
                    "%c0%ae%c0%ae%c0%af", "%ed%a0%80", "%e2%82", "%25%32%65", ";x=1", "~", "*", "'%20OR%201=1%20--",
                    "%3Cscript%3E", "\\..\\",
                    "null", "undefined", "[object%20Object]", "-1", "0", "99999999999999999999", "\u00e4",
                    "%f0%9f%98%80", "x".repeat(10_000));

    private PathRows() {
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        List<Row> rows = new ArrayList<>();
        for (String template : List.of("/v2/message/{}", "/v2/message/{}/status", "/v2/message/{}/attachment/1",
                "/v2/group/{}",
                "/v2/group/{}/members", "/v2/user/{}", "/v2/user/{}/organization", "/v2/user_lookup/{}",
                "/v2/metadata/{}",
                "/v2/avatar/{}", "/v2/dist_list/{}", "/docs/{}", "/openapi/{}", "/openapi/{}.yaml", "/{}", "/v2/{}")) {
            for (String trick : NOWHERE) {
                rows.add(row(world, "GET", template, trick, Expected.NOT_FOUND));
            }
            // Nothing is looked up there, whatever the name.
            boolean literal =
                    template.equals("/{}") || template.equals("/v2/{}") || template.equals("/v2/dist_list/{}");
            for (String trick : List.of("%00", "a%00b", world.message() + "%00")) {
                rows.add(row(world, "GET", template, trick, literal ? Expected.NOT_FOUND : Expected.MALFORMED));
            }
        }
        for (String trick : List.of("2", "0", "-1", "01", "1%00", "1%2f", "x", "99999999999999999999", "..%2f1")) {
            rows.add(row(world, "GET", "/v2/message/" + world.message() + "/attachment/{}", trick,
                    trick.contains("%00") ? Expected.MALFORMED : Expected.NOT_FOUND));
        }
        for (String template : List.of("/v2/message/{}", "/v2/roster/{}", "/v2/metadata/{}", "/v2/mute/group/{}",
                "/v2/message/typing/{}")) {
            for (String trick : List.of("..%2f" + world.group(), world.group() + "%2f", world.group() + "%20x", "%zz",
                    "%0d%0a")) {
                rows.add(row(world, "DELETE", template, trick, Expected.NOT_FOUND));
            }
            rows.add(row(world, "DELETE", template, world.group() + "%00", Expected.MALFORMED));
        }
        for (String path : List.of("//v2/user", "/v2//user", "/v2/./user", "/v2/x/../user", "/%76%32/user",
                "/v2/%75ser", "/v2%2fuser", "/V2/user",
                "/v2/USER", "/v2/user;jsessionid=1", "/v2/user//", "/v2/user/%20/../..", "/v3/user", "/v2", "", "user",
                "?x", "http://",
                "/v2/message/status/x/y", "/v2/message/typing/a/b/c")) {
            rows.add(new Row("GET \"" + path + "\"", world.ask("GET", path),
                    path.isEmpty() ? Expected.MALFORMED : Expected.NOT_FOUND));
        }
        rows.add(new Row("DELETE /v2/group/{..}: gone is gone, whatever it was",
                world.ask("DELETE", "/v2/group/..%2f" + world.group()),
                Expected.accepted()));
        return rows;
    }

    private static Row row(World world, String method, String template, String trick, Expected expected) {
        String shown = trick.length() <= 60 ? trick : trick.length() + " characters";
        return new Row(method + " " + template.replace(world.message(), "{message}").replace("{}", shown),
                world.ask(method, template.replace("{}", trick)), expected);
    }
}
