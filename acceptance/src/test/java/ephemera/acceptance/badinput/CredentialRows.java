package ephemera.acceptance.badinput;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Credentials that are none, in the header and in the query: 401 and nothing else, since clients sign out on it. */
public final class CredentialRows {

    /** Tries of one login are counted, so nobody else may use it. */
    private static final String NOBODY = "nobody-" + World.nobody() + "@example.org";

    private CredentialRows() {
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("GET /v2/user without credentials", Request.of("GET", "/v2/user"), Expected.STRANGER));
        rows.add(new Row("POST /v2/login without credentials", Request.of("POST", "/v2/login").json("{}"),
                Expected.STRANGER));
        values(world).forEach((name, value) -> {
            rows.add(row("GET", "/v2/user", name, value));
            rows.add(row("GET", "/v2/events", name, value));
            rows.add(row("POST", "/v2/login", name, value));
        });
        logins().forEach((name, value) -> {
            rows.add(row("POST", "/v2/login", name, "XMPP-Simple " + value));
            rows.add(row("POST", "/v5/login", name, "XMPP-Simple " + value));
            rows.add(new Row("POST /v2/user/{}/password: " + name,
                    Request.of("POST", "/v2/user/" + world.alice().token() + "/password")
                            .with("Authorization: XMPP-Simple " + value).json("{\"password\":\"a good password\"}"),
                    Expected.STRANGER));
        });
        rows.add(row("GET", "/v2/user", "a password where a key is due",
                "XMPP-Simple " + base64("product:" + NOBODY + ":x")));
        rows.add(new Row("POST /v2/user/{}/password: a key where a password is due",
                Request.of("POST", "/v2/user/" + world.alice().token() + "/password").as(world.alice())
                        .json("{\"password\":\"a good password\"}"),
                Expected.STRANGER));
        for (String login : List.of("product:a%00b@example.org:x", "product:nobody@example.org:a%00b")) {
            rows.add(new Row("POST /v2/login: NUL in " + login.replace("%00", "{NUL}"), Request.of("POST", "/v2/login")
                    .with("Authorization: XMPP-Simple " + base64(login.replace("%00", "\0"))).json("{}"),
                    Expected.MALFORMED));
        }
        for (String name : List.of("auth_basic", "auth_bearer", "auth")) {
            rows.add(new Row("GET /v2/events?" + name + "=", Request.of("GET", "/v2/events?" + name + "="),
                    Expected.STRANGER));
            rows.add(new Row("GET /v2/events?" + name + "=!", Request.of("GET", "/v2/events?" + name + "=!!!"),
                    Expected.STRANGER));
            rows.add(new Row("GET /v2/events?" + name + "=%zz", Request.of("GET", "/v2/events?" + name + "=%zz"),
                    Expected.MALFORMED));
            rows.add(new Row("GET /v2/events?" + name + " with NUL",
                    Request.of("GET", "/v2/events?" + name + "=" + base64("a\0b:c")), Expected.STRANGER));
        }
        rows.add(new Row("GET /v2/user with credentials in the query", Request.of("GET", "/v2/user?auth_basic="
                + world.alice().basic().substring("Basic ".length())), Expected.STRANGER));
        return rows;
    }

    private static Row row(String method, String target, String name, String value) {
        return new Row(method + " " + target + ": " + name, Request.of(method, target).with("Authorization: " + value),
                Expected.STRANGER);
    }

    private static Map<String, String> values(World world) {
        String secret = world.alice().secret();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("an empty header", "");
        values.put("a blank", " ");
        values.put("a scheme alone", "Basic");
        values.put("a scheme and a blank", "Basic ");
        values.put("no Base64", "Basic !!!");
        values.put("half of Base64", "Basic QQ=");
        values.put("Base64 with blanks", "Basic YTpi YTpi");
        values.put("no colon", "Basic " + base64("key"));
        values.put("a colon alone", "Basic " + base64(":"));
        values.put("no key", "Basic " + base64(":" + secret));
        values.put("no secret", "Basic " + base64(World.nobody() + ":"));
        values.put("an unknown key", "Basic " + base64(World.nobody() + ":" + secret));
        values.put("a key of 10,000 characters", "Basic " + base64("k".repeat(10_000) + ":x"));
        values.put("a secret of 10,000 characters", "Basic " + base64(World.nobody() + ":" + "s".repeat(10_000)));
        values.put("NUL in the key", "Basic " + base64("a\0b:c"));
        values.put("NUL alone", "Basic " + base64("\0"));
        values.put("bytes that are no UTF-8",
                "Basic " + Base64.getEncoder().encodeToString(new byte[] {(byte) 0xff, ':', (byte) 0xfe}));
        values.put("SQL", "Basic " + base64("' OR '1'='1:' OR '1'='1"));
        values.put("an unknown scheme", "Digest username=\"x\"");
        values.put("a magic token", "Magic-Token x");
        values.put("a bearer token that is none", "Bearer " + World.nobody());
        values.put("10,000 blanks", "Basic" + " ".repeat(10_000));
        return values;
    }

    private static Map<String, String> logins() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("nothing behind the scheme", "");
        values.put("no Base64", "!!!");
        values.put("one piece", base64("product"));
        values.put("two pieces", base64("product:" + NOBODY));
        values.put("an unknown login", base64("product:" + NOBODY + ":x"));
        values.put("no login", base64("product::x"));
        values.put("a token as login", base64("product:" + World.nobody() + ":x"));
        values.put("a password of 10,000 characters", base64("product:" + NOBODY + ":" + "x".repeat(10_000)));
        return values;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
