package ephemera.acceptance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Numbers far out, texts too long, lists too large; and those at the edge that are still right. */
public final class LimitRows {

    private static final int MOST = 10_000;

    private LimitRows() {
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        List<Row> rows = new ArrayList<>();
        lifespans(world, rows);
        priorities(world, rows);
        policies(world, rows);
        durations(world, rows);
        texts(world, rows);
        counts(world, rows);
        return rows;
    }

    /** Lifespans: 0 and less mean the default (the contract's trap 7), more than the policy's longest means that. */
    private static void lifespans(World world, List<Row> rows) {
        for (String value : List.of("-1", "0", "-9223372036854775808", "\"-1\"", "\"0\"", "null", "\"\"")) {
            rows.add(lifespan(world, value, world.standardLifespan()));
        }
        for (String value : List.of("525600", "525601", "2147483647", "2147483648", "9223372036854775807",
                "\"2147483648\"")) {
            rows.add(lifespan(world, value, world.longestLifespan()));
        }
        rows.add(lifespan(world, "1", "1"));
        rows.add(lifespan(world, "\" 60 \"", "60"));
        for (String value : List.of("9223372036854775808", "1e9", "1E400", "-9223372036854775809", "60.0", "\"1e9\"",
                "\"sixty\"",
                "\"60 minutes\"", "\"9223372036854775808\"", "\"-\"", "true", "[60]", "{\"minutes\":60}")) {
            rows.add(new Row("POST /v2/message: ttl is " + value, send(world, "\"ttl\":" + value), Expected.INVALID));
        }
        rows.add(new Row("POST /v2/message: ttl of 40 digits", send(world, "\"ttl\":" + "9".repeat(40)),
                Expected.MALFORMED));
        for (String value : List.of("9223372036854775808", "sixty", "1e9", "%D9%A1x")) {
            rows.add(new Row("POST /v2/message: ttl in the query is " + value,
                    world.ask("POST", "/v2/message?ttl=" + value).json(to(world, "\"body\":\"hi\"")),
                    Expected.INVALID));
            rows.add(new Row("POST /v2/message: ttl in a form is " + value,
                    world.ask("POST", "/v2/message").form("body=hi&recipient=" + world.bob().token() + "&ttl=" + value),
                    Expected.INVALID));
        }
    }

    private static Row lifespan(World world, String value, String granted) {
        return new Row("POST /v2/message: ttl is " + value + ", granted " + granted, send(world, "\"ttl\":" + value),
                new Expected.Accepted(reply -> {
                    assertThat(reply.status()).isEqualTo(204);
                    assertThat(reply.header("TT-X-Msg-Ttl")).contains(granted);
                }));
    }

    private static void priorities(World world, List<Row> rows) {
        for (String value : List.of("2", "-7", "9223372036854775807", "\"1\"", "null")) {
            rows.add(new Row("POST /v2/message: priority is " + value, send(world, "\"priority\":" + value),
                    Expected.accepted()));
        }
        for (String value : List.of("9223372036854775808", "0.5", "\"high\"", "1e3")) {
            rows.add(new Row("POST /v2/message: priority is " + value, send(world, "\"priority\":" + value),
                    Expected.INVALID));
        }
    }

    /** A policy is said exactly: what cannot be a lifespan is refused, not bent. */
    private static void policies(World world, List<Row> rows) {
        Request change = Request.of("POST", "/v2/organization/" + world.organization()).as(world.administrator());
        for (String field : List.of("ttl", "ttl_min", "ttl_max")) {
            for (String value : List.of("-1", "0", "2147483648", "9223372036854775807")) {
                rows.add(new Row("POST /v2/organization/{}: " + field + " is " + value,
                        change.json("{\"" + field + "\":" + value + "}"), Expected.INVALID));
            }
        }
        rows.add(new Row("POST /v2/organization/{}: the shortest lifespan is longer than the longest",
                change.json("{\"ttl_min\":500,\"ttl\":400,\"ttl_max\":300}"), Expected.INVALID));
        rows.add(new Row("POST /v2/organization/{}: a blank name", change.json("{\"name\":\" \"}"), Expected.INVALID));
        rows.add(new Row("POST /v2/organization/{}: a name of 251 characters",
                change.json("{\"name\":\"" + "x".repeat(251) + "\"}"), Expected.INVALID));
        rows.add(new Row("POST /v2/organization: a name of 251 characters",
                Request.of("POST", "/v2/organization").as(world.administrator())
                        .json("{\"name\":\"" + "x".repeat(251) + "\"}"),
                Expected.INVALID));
    }

    private static void durations(World world, List<Row> rows) {
        for (String value : List.of("0", "-1", "5270401", "2147483648", "9223372036854775807", "4294967297")) {
            rows.add(new Row("POST /v2/mute/p2p: duration is " + value,
                    world.ask("POST", "/v2/mute/p2p")
                            .json("{\"sender_token\":\"" + world.bob().token() + "\",\"duration\":" + value + "}"),
                    Expected.INVALID));
        }
    }

    private static void texts(World world, List<Row> rows) {
        rows.add(new Row("POST /v2/message: a body of 64 KiB", send(world, "\"body\":\"" + "x".repeat(65_536) + "\""),
                Expected.accepted()));
        rows.add(new Row("POST /v2/message: a body of 64 KiB and a byte",
                send(world, "\"body\":\"" + "x".repeat(65_537) + "\""), Expected.TOO_LARGE));
        rows.add(new Row("POST /v2/message: a body that is longer in UTF-8 than in characters",
                send(world, "\"body\":\"" + "€".repeat(21_846) + "\""), Expected.TOO_LARGE));
        rows.add(new Row("POST /v2/message: data of more than 64 Ki characters",
                send(world, "\"data\":[{\"payload\":\"" + "x".repeat(65_537) + "\"}]"), Expected.TOO_LARGE));
        rows.add(new Row("POST /v2/message: an empty body", send(world, "\"body\":\"\""),
                new Expected.Refused(400, "empty_message")));
        rows.add(new Row("POST /v2/message: a sub type of 251 characters",
                send(world, "\"sub_type\":\"" + "x".repeat(251) + "\""), Expected.INVALID));
        for (String target : List.of("/v2/message", "/v2/message/" + world.message() + "/forward")) {
            rows.add(new Row("POST " + target.replace(world.message(), "{}") + ": a request id of 251 characters",
                    world.ask("POST", target).with("Request-ID: " + "x".repeat(251)).json(to(world, "\"body\":\"hi\"")),
                    Expected.INVALID));
        }
        for (int length : List.of(251, 10_000, 60_000)) {
            rows.add(new Row("POST /v2/group: a request id of " + length + " characters",
                    world.ask("POST", "/v2/group").with("Request-ID: " + random(length))
                            .json("{\"name\":\"x\",\"members\":[\"" + world.bob().token() + "\"]}"),
                    Expected.INVALID));
        }
        for (String recipient : List.of("x".repeat(255), "x@" + "y".repeat(255), "\u0001", "a b", "a@b@c",
                "<bob@example.org>", "bob@", "@",
                "+1", "00000000-0000-0000-0000-00000000000g", "' OR 1=1 --", "%00", "../bob")) {
            rows.add(new Row("POST /v2/message: recipient is " + shown(recipient),
                    world.ask("POST", "/v2/message")
                            .json("{\"body\":\"hi\",\"recipient\":\"" + recipient.replace("\u0001", "\\u0001") + "\"}"),
                    Expected.INVALID));
        }
        for (String field : List.of("first_name", "last_name", "display_name", "status", "title", "department",
                "dnd_text")) {
            rows.add(new Row("POST /v2/user/{}/settings: " + field + " of 251 characters",
                    world.ask("POST", "/v2/user/" + world.alice().token() + "/settings")
                            .json("{\"dnd\":true,\"" + field + "\":\"" + "x".repeat(251) + "\"}"),
                    Expected.INVALID));
        }
        rows.add(new Row("POST /v2/user/{}/settings: a blank display name",
                world.ask("POST", "/v2/user/" + world.alice().token() + "/settings")
                        .json("{\"dnd\":true,\"display_name\":\" \"}"),
                Expected.INVALID));
        for (String target : List.of("/v2/group", "/v2/group/" + world.group(), "/v2/role_group")) {
            String name = "POST " + target.replace(world.group(), "{}");
            String members = "\"members\":[\"" + world.bob().token() + "\"]";
            rows.add(new Row(name + ": a name of 251 characters",
                    world.ask("POST", target).json("{\"name\":\"" + "x".repeat(251) + "\"," + members + "}"),
                    Expected.INVALID));
            rows.add(new Row(name + ": a description of 4,097 characters", world.ask("POST", target)
                    .json("{\"name\":\"x\",\"description\":\"" + "x".repeat(4_097) + "\"," + members + "}"),
                    Expected.INVALID));
        }
    }

    private static void counts(World world, List<Row> rows) {
        String tooMany = tokens(MOST + 1, World::nobody);
        String members = "\"members\":[" + tooMany + "]";
        rows.add(new Row("POST /v2/group: 10,001 members",
                world.ask("POST", "/v2/group").json("{\"name\":\"x\"," + members + "}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/group: 10,001 members in one text", world.ask("POST", "/v2/group")
                .json("{\"name\":\"x\",\"members\":\"" + tooMany.replace("\"", "") + "\"}"), Expected.INVALID));
        rows.add(new Row("POST /v2/group/{}: 10,001 members",
                world.ask("POST", "/v2/group/" + world.group()).json("{\"name\":\"changed\"," + members + "}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/group/{}: no members",
                world.ask("POST", "/v2/group/" + world.group()).json("{\"name\":\"changed\",\"members\":[]}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/group/{}/members: 10,001 members",
                world.ask("POST", "/v2/group/" + world.group() + "/members").json("{" + members + "}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/group/{}/members/remove: 10,001 members",
                world.ask("POST", "/v2/group/" + world.group() + "/members/remove").json("{" + members + "}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/role_group: 10,001 members",
                world.ask("POST", "/v2/role_group").json("{\"name\":\"x\"," + members + "}"), Expected.INVALID));
        rows.add(new Row("POST /v2/group: nobody",
                world.ask("POST", "/v2/group?exclude_creator=true").json("{\"name\":\"x\"}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/events/ack: 10,000 ids",
                world.ask("POST", "/v2/events/ack").json("{\"events\":[" + tokens(MOST, World::nobody) + "]}"),
                status(204)));
        rows.add(new Row("POST /v2/events/ack: 10,000 ids of events to come", world.ask("POST", "/v2/events/ack")
                .json("{\"events\":[" + tokens(MOST, new EventsToCome(world.event())) + "]}"), status(204)));
        rows.add(new Row("POST /v2/events/ack: 10,001 ids",
                world.ask("POST", "/v2/events/ack").json("{\"events\":[" + tooMany + "]}"), Expected.INVALID));
        rows.add(new Row("POST /v2/events/ack: 10,001 ids in one text",
                world.ask("POST", "/v2/events/ack").json("{\"events\":\"" + tooMany.replace("\"", "") + "\"}"),
                Expected.INVALID));
        for (String method : List.of("POST", "PUT")) {
            for (String field : List.of("delivered", "read")) {
                rows.add(new Row(method + " /v2/message/status: 10,001 " + field,
                        world.ask(method, "/v2/message/status").json("{\"" + field + "\":[" + tooMany + "]}"),
                        Expected.INVALID));
            }
        }
        rows.add(new Row("POST /v2/message/status: 10,000 that nobody knows",
                world.ask("POST", "/v2/message/status").json("{\"read\":[" + tokens(MOST, World::nobody) + "]}"),
                status(200)));
        rows.add(new Row("POST /v2/get_bulk_message_status: 10,001 ids",
                world.ask("POST", "/v2/get_bulk_message_status").json("{\"messages\":[" + tooMany + "]}"),
                Expected.INVALID));
        rows.add(new Row("POST /v2/metadata_bulk: 10,001 ids",
                world.ask("POST", "/v2/metadata_bulk").json("{\"entities\":[" + tooMany + "]}"), Expected.INVALID));
        rows.add(new Row("POST /v2/entities_bulk: 10,001 ids",
                world.ask("POST", "/v2/entities_bulk").json("{\"users\":[" + tooMany + "]}"), Expected.INVALID));
    }

    /** Ids of the same make as a real one, about positions that the journal has not reached. */
    private static final class EventsToCome implements Supplier<String> {
        private final String begin;
        private int next;

        EventsToCome(String real) {
            begin = real.substring(0, real.length() - 12);
        }

        @Override
        public String get() {
            return begin + "%012x".formatted(0xfff0_0000_0000L + next++);
        }
    }

    private static Expected status(int status) {
        return new Expected.Accepted(reply -> assertThat(reply.status()).isEqualTo(status));
    }

    private static String tokens(int count, Supplier<String> token) {
        return Stream.generate(token).limit(count).map(Route::quoted).collect(Collectors.joining(","));
    }

    private static String random(int length) {
        return Stream.generate(World::nobody).limit(length / 36 + 1).collect(Collectors.joining()).substring(0, length);
    }

    private static String shown(String text) {
        return text.length() <= 40 ? text : text.length() + " characters";
    }

    private static Request send(World world, String field) {
        String body = field.startsWith("\"body\"") ? field : "\"body\":\"hi\"," + field;
        return world.ask("POST", "/v2/message").json(to(world, body));
    }

    private static String to(World world, String fields) {
        return "{\"recipient\":\"" + world.bob().token() + "\"," + fields + "}";
    }
}
