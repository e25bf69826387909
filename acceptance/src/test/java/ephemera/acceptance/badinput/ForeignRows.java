package ephemera.acceptance.badinput;

import java.util.ArrayList;
import java.util.List;

/**
 * What belongs to another organization: every answer about it is byte for byte the answer about something that does not
 * exist.
 *
 * <p>Each row is a template in which the token of something foreign and a token of nothing take the same place.
 */
public final class ForeignRows {

    private final World world;
    private final List<Row> rows = new ArrayList<>();

    private ForeignRows(World world) {
        this.world = world;
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        ForeignRows rows = new ForeignRows(world);
        rows.messages();
        rows.people();
        rows.groups();
        rows.organizations();
        rows.bulk();
        return rows.rows;
    }

    private void messages() {
        String message = world.foreignMessage();
        both("GET", "/v2/message/%s", "", message);
        both("DELETE", "/v2/message/%s", "", message);
        both("GET", "/v2/message/%s/attachment/1", "", message);
        both("GET", "/v2/message/%s/attachment/2", "", message);
        both("GET", "/v2/message/%s/status", "", message);
        both("POST", "/v2/message/%s/forward", "{\"recipient\":\"" + world.bob().token() + "\"}", message);
        both("POST", "/v2/message/status", "{\"delivered\":[\"%s\"],\"read\":[\"%1$s\"]}", message);
        both("PUT", "/v2/message/status", "{\"read\":\"%s\"}", message);
        both("POST", "/v2/get_bulk_message_status", "{\"messages\":[\"%s\"]}", message);
        both("POST", "/v2/events/ack", "{\"events\":[\"%s\"]}", world.foreignEvent());
    }

    private void people() {
        String stranger = world.stranger().token();
        both("POST", "/v2/message", "{\"recipient\":\"%s\",\"body\":\"hi\"}", stranger);
        both("POST", "/v2/message/" + world.message() + "/forward", "{\"recipient\":\"%s\"}", stranger);
        both("POST", "/v2/message/typing", "{\"recipient\":\"%s\"}", stranger);
        both("GET", "/v2/message/typing?recipient=%s", "", stranger);
        both("DELETE", "/v2/message/typing/%s", "", stranger);
        both("DELETE", "/v2/message/typing/%s/" + world.alice().token(), "", stranger);
        both("GET", "/v2/user/%s", "", stranger);
        both("GET", "/v2/user/%s/organization", "", stranger);
        both("GET", "/v2/user/%s/organization/" + world.organization(), "", stranger);
        both("GET", "/v2/user/%s/organization/" + world.organization() + "/roles", "", stranger);
        both("POST", "/v2/user/%s/settings", "{\"status\":\"x\"}", stranger);
        both("GET", "/v2/user_lookup/%s", "", stranger);
        both("POST", "/v2/user_lookup/%s", "{}", stranger);
        both("GET", "/v2/metadata/%s", "", stranger);
        both("POST", "/v2/metadata/%s", "{\"a\":\"b\"}", stranger);
        both("DELETE", "/v2/metadata/%s", "", stranger);
        both("POST", "/v2/roster", "{\"entity\":\"%s\",\"type\":\"tigertext:entity:account\"}", stranger);
        both("DELETE", "/v2/roster/%s", "", stranger);
        both("POST", "/v2/mute/p2p", "{\"sender_token\":\"%s\",\"duration\":\"10\"}", stranger);
        both("DELETE", "/v2/mute/p2p?sender_token=%s", "", stranger);
        both("POST", "/v2/wipe?token=%s", "", stranger);
        both("POST", "/v2/group", "{\"name\":\"x\",\"members\":[\"%s\"]}", stranger);
        both("POST", "/v2/role_group", "{\"name\":\"x\",\"members\":[\"%s\"]}", stranger);
        both("POST", "/v2/group/" + world.group(), "{\"members\":\"" + world.alice().token() + ",%s\"}", stranger);
        both("POST", "/v2/group/" + world.group() + "/members", "{\"members\":[\"%s\"]}", stranger);
        both("POST", "/v2/group/" + world.group() + "/members/remove", "{\"members\":[\"%s\"]}", stranger);
        emails();
    }

    /** By e-mail: a message to an address that nobody has makes a contact, so that is left out. */
    private void emails() {
        String template = "%s";
        for (String path : List.of("/v2/user/", "/v2/user_lookup/", "/v2/metadata/")) {
            both("GET", path + template, "", world.foreignEmail(), "nobody@example.org");
        }
        both("POST", "/v2/user_lookup/" + World.nobody(), "{\"email_address\":\"%s\"}", world.foreignEmail(),
                "nobody@example.org");
        both("POST", "/v2/roster", "{\"entity\":\"%s\"}", world.foreignEmail(), "nobody@example.org");
        both("DELETE", "/v2/roster/%s", "", world.foreignEmail(), "nobody@example.org");
        both("POST", "/v2/message/typing", "{\"recipient\":\"%s\"}", world.foreignEmail(), "nobody@example.org");
        both("POST", "/v2/group", "{\"name\":\"x\",\"members\":\"%s\"}", world.foreignEmail(), "nobody@example.org");
    }

    private void groups() {
        String group = world.foreignGroup();
        both("POST", "/v2/message", "{\"recipient\":\"%s\",\"body\":\"hi\"}", group);
        both("POST", "/v2/message/" + world.message() + "/forward", "{\"recipient\":\"%s\"}", group);
        both("POST", "/v2/message/typing", "{\"recipient\":\"%s\"}", group);
        both("DELETE", "/v2/message/typing/%s", "", group);
        both("GET", "/v2/group/%s", "", group);
        both("POST", "/v2/group/%s", "{\"name\":\"x\"}", group);
        both("DELETE", "/v2/group/%s", "", group);
        both("GET", "/v2/group/%s/members", "", group);
        both("POST", "/v2/group/%s/members", "{\"members\":[\"" + world.alice().token() + "\"]}", group);
        both("POST", "/v2/group/%s/members/remove", "{\"members\":[\"" + world.alice().token() + "\"]}", group);
        both("GET", "/v2/metadata/%s", "", group);
        both("POST", "/v2/metadata/%s", "{\"a\":\"b\"}", group);
        both("DELETE", "/v2/metadata/%s", "", group);
        both("POST", "/v2/roster", "{\"entity\":\"%s\",\"type\":\"tigertext:entity:group\"}", group);
        both("DELETE", "/v2/roster/%s", "", group);
        both("POST", "/v2/mute/group/%s", "{\"duration\":\"10\"}", group);
        both("DELETE", "/v2/mute/group/%s", "", group);
        both("GET", "/v2/dist_list/%s", "", group);
        both("GET", "/v2/user/%s", "", group);
    }

    private void organizations() {
        String foreign = world.foreignOrganization();
        String nothing = "NoOrganizationHasThisTok";
        String alice = world.alice().token();
        both("GET", "/v2/user/" + alice + "/organization/%s", "", foreign, nothing);
        both("GET", "/v2/user/" + alice + "/organization/%s/roles", "", foreign, nothing);
        both("POST", "/v2/mute/organization/%s", "{\"duration\":\"10\"}", foreign, nothing);
        both("DELETE", "/v2/mute/organization/%s", "", foreign, nothing);
        String send = "{\"recipient\":\"" + world.bob().token() + "\",\"body\":\"hi\",";
        both("POST", "/v2/message", send + "\"sender_organization\":\"%s\"}", foreign, nothing);
        both("POST", "/v2/message", send + "\"recipient_organization\":\"%s\"}", foreign, nothing);
        both("POST", "/v2/group", "{\"name\":\"x\",\"organization_key\":\"%s\"}", foreign, nothing);
        both("POST", "/v2/search", "{\"directory\":[\"%s\"],\"display_name\":\"stranger\"}", foreign, nothing);
        for (String target : List.of("/v2/user", "/v2/roster", "/v2/user/" + alice)) {
            rows.add(new Row("GET " + target.replace(alice, "{}") + " in another organization",
                    world.ask("GET", target).with("TT-X-Organization-Key: " + foreign),
                    new Expected.LikeMissing(world.ask("GET", target).with("TT-X-Organization-Key: " + nothing))));
        }
        Request change =
                Request.of("POST", "/v2/organization/" + foreign).as(world.administrator()).json("{\"name\":\"x\"}");
        rows.add(new Row("POST /v2/organization/{} by another one's administrator", change, new Expected.LikeMissing(
                Request.of("POST", "/v2/organization/" + nothing).as(world.administrator()).json("{\"name\":\"x\"}"))));
    }

    private void bulk() {
        for (String foreign : List.of(world.stranger().token(), world.foreignGroup())) {
            both("POST", "/v2/metadata_bulk", "{\"entities\":[\"%s\"]}", foreign);
            both("POST", "/v2/entities_bulk", "{\"users\":[\"%s\"],\"metadata\":[\"%1$s\"]}", foreign);
        }
    }

    private void both(String method, String target, String body, String foreign) {
        both(method, target, body, foreign, World.nobody());
    }

    private void both(String method, String target, String body, String foreign, String nothing) {
        String name = method + " " + target.replaceAll("[0-9a-f-]{36}|[0-9A-Za-z]{24}", "{}") + " "
                + body.replaceAll("[0-9a-f-]{36}", "{}")
                + ", " + what(foreign);
        rows.add(new Row(name, ask(method, target, body, foreign),
                new Expected.LikeMissing(ask(method, target, body, nothing))));
    }

    private String what(String foreign) {
        if (foreign.equals(world.foreignMessage())) {
            return "a message";
        }
        if (foreign.equals(world.foreignGroup())) {
            return "a group";
        }
        if (foreign.equals(world.foreignOrganization())) {
            return "an organization";
        }
        return foreign.equals(world.foreignEvent()) ? "an event" : "a person";
    }

    private Request ask(String method, String target, String body, String token) {
        Request request = world.ask(method, target.formatted(token));
        return body.isEmpty() ? request : request.json(body.formatted(token));
    }
}
