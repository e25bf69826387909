package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Sections B.2 to B.4.4 of the contract: messages and conversations, as an application saves and reads them. */
@Timeout(180)
class ApplicationsTalkInConversations {

    private static final OneServer SERVER = OneServer.get();

    private final ClientEnrolment.Enrolled client = SERVER.client(SERVER.clinic(), "Books", "https://app.example/");
    private final OneServer.Member ann = SERVER.member(SERVER.clinic(), "Ann");
    private final OneServer.Member ben = SERVER.member(SERVER.clinic(), "Ben");
    private final String anns = token(ann);
    private final String bens = token(ben);

    private String token(OneServer.Member member) {
        return SERVER.request("POST", "/v6/auth/token")
                .with("Authorization", OneServer.basic(client))
                .form("userId", member.token())
                .send()
                .json()
                .required("access_token")
                .asString();
    }

    private static Request.Answer post(String token, String path, String json) {
        return SERVER.request("POST", path).with("Authorization", "Bearer " + token).json(json).send();
    }

    private static Request.Answer get(String token, String path) {
        return SERVER.request("GET", path).with("Authorization", "Bearer " + token).send();
    }

    private static JsonNode data(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().required("result").asString()).isEqualTo("SUCCESS");
        return answer.json().required("data");
    }

    private String opened(String subject) {
        return data(post(anns, "/v6/conversations", """
                {"data":[{"subject":"%s","attachedEntityId":"btxn_%s","message":{"text":"first"}}]}
                """.formatted(subject, subject))).get(0).required("data").required("id").asString();
    }

    private static JsonNode saved(String token, String conversation, String... texts) {
        List<String> items = new ArrayList<>();
        for (String text : texts) {
            items.add("{\"conversationId\":\"%s\",\"text\":\"%s\"}".formatted(conversation, text));
        }
        return data(post(token, "/v6/messages", "{\"data\":[" + String.join(",", items) + "]}"));
    }

    private static Set<String> keys(JsonNode node) {
        return new TreeSet<>(node.propertyNames());
    }

    @Test
    void theSampleOfTheSeedIsAnsweredKeyByKey() {
        String conversation = opened("seed");
        Request.Answer answer = post(anns, "/v6/messages",
                "{\"data\":[{\"conversationId\":\"" + conversation + "\",\"text\":\"<string>\"}]}");
        assertThat(keys(answer.json())).containsExactly("data", "error", "result");
        JsonNode item = data(answer).get(0);
        assertThat(keys(item)).containsExactly("data", "error", "result", "statusCode");
        assertThat(item.required("statusCode").asInt()).isEqualTo(200);
        JsonNode message = item.required("data");
        assertThat(keys(message)).containsExactly(
                "attachments", "author", "conversationId", "createdDateTime", "id", "lastUpdatedDateTime", "reactions",
                "status", "text");
        assertThat(keys(message.required("author"))).containsExactly("email", "userId");
        assertThat(message.required("id").asString()).matches("msg_[0-9]+");
        assertThat(message.required("createdDateTime").asString())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");

        String id = message.required("id").asString();
        data(post(bens, "/v6/messages/" + id + "/reactions", "{\"emojiCode\":\"thumbs_up\"}"));
        JsonNode shown = data(get(anns, "/v6/messages/" + id));
        JsonNode reaction = shown.required("reactions").get(0);
        assertThat(keys(reaction)).containsExactly("authorInfo", "emojiCode");
        assertThat(keys(reaction.required("authorInfo").get(0))).containsExactly("email", "userId");
        assertThat(shown.required("text").asString()).isEqualTo("<string>");
    }

    @Test
    void eachItemOfABatchIsAnsweredForItself() {
        String conversation = opened("batch");
        Request.Answer answer = post(anns, "/v6/messages", """
                {"data":[{"conversationId":"%s","text":"one"},{"conversationId":"con_1","text":"x"},{},null,
                         {"conversationId":5,"text":7},{"conversationId":"%s","text":"two"}]}
                """.formatted(conversation, conversation));
        assertThat(answer.status()).isEqualTo(207);
        JsonNode items = answer.json().required("data");
        List<Integer> statuses = new ArrayList<>();
        items.forEach(item -> statuses.add(item.required("statusCode").asInt()));
        assertThat(statuses).containsExactly(200, 404, 400, 400, 400, 200);
        assertThat(items.get(2).required("error")).hasSize(2);
        assertThat(items.get(1).required("error").get(0).required("param").asString()).isEqualTo("conversationId");
        assertThat(items.get(1).required("data").isNull()).isTrue();

        assertThat(post(anns, "/v6/messages", "{\"data\":[{}]}").status()).isEqualTo(400);
        for (String wrong : List.of("{}", "{\"data\":[]}", "{\"data\":{}}", "{\"data\":\"x\"}")) {
            assertThat(post(anns, "/v6/messages", wrong).status()).as(wrong).isEqualTo(400);
        }
        assertThat(texts(data(get(bens, "/v6/conversations/" + conversation + "/messages"))))
                .containsExactly("first", "one", "two");
    }

    private static List<String> texts(JsonNode messages) {
        List<String> texts = new ArrayList<>();
        messages.forEach(each -> texts.add(each.required("text").asString()));
        return texts;
    }

    @Test
    void cursorsLeadThroughAllMessagesInBothDirections() {
        String conversation = opened("pages");
        saved(bens, conversation, "1", "2", "3", "4");
        String path = "/v6/conversations/" + conversation + "/messages?limit=2";
        Request.Answer first = get(anns, path);
        assertThat(texts(data(first))).containsExactly("first", "1");
        assertThat(first.json().required("cursor").required("before").isNull()).isTrue();
        String after = first.json().required("cursor").required("after").asString();
        saved(bens, conversation, "5");
        Request.Answer second = get(anns, path + "&cursor=" + after);
        assertThat(texts(data(second))).containsExactly("2", "3");
        String before = second.json().required("cursor").required("before").asString();
        assertThat(texts(data(get(anns, path + "&cursor=" + before)))).containsExactly("first", "1");
        String last = second.json().required("cursor").required("after").asString();
        Request.Answer third = get(anns, path + "&cursor=" + last);
        assertThat(texts(data(third))).containsExactly("4", "5");
        assertThat(third.json().required("cursor").required("after").isNull()).isTrue();

        assertThat(get(bens, path + "&cursor=" + after).status()).as("another person's cursor").isEqualTo(400);
        assertThat(get(anns, path + "&cursor=x").status()).isEqualTo(400);
        assertThat(get(anns, path.replace("=2", "=251")).status()).isEqualTo(400);
    }

    @Test
    void whatIsReadHereIsReadAtTheOtherDoor() {
        String conversation = opened("one truth");
        assertThat(status(bens, conversation)).containsExactly("UNREAD", "OPEN");
        assertThat(status(anns, conversation)).containsExactly("READ", "OPEN");
        data(post(bens, "/v6/conversations",
                "{\"data\":[{\"id\":\"" + conversation + "\",\"readStatus\":\"READ\","
                        + "\"resolutionStatus\":\"RESOLVED\"}]}"));
        assertThat(status(bens, conversation)).containsExactly("READ", "RESOLVED");
        saved(anns, conversation, "again");
        assertThat(status(bens, conversation)).containsExactly("UNREAD", "OPEN");
        JsonNode roster = SERVER.request("GET", "/v2/roster").as(ben).send().json().required("reply");
        List<String> names = new ArrayList<>();
        roster.forEach(each -> names.add(each.path("name").asString("") + each.path("display_name").asString("")));
        assertThat(names).as("groups of the other door").anyMatch(name -> name.contains("one truth"));
    }

    private static List<String> status(String token, String conversation) {
        JsonNode data = data(get(token, "/v6/conversations/" + conversation));
        return List.of(data.required("readStatus").asString(), data.required("resolutionStatus").asString());
    }

    @Test
    void theSameKeyDoesItOnce() {
        String conversation = opened("key");
        String body = "{\"data\":[{\"conversationId\":\"" + conversation + "\",\"text\":\"once\"}]}";
        List<JsonNode> answers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            answers.add(data(SERVER.request("POST", "/v6/messages").with("Authorization", "Bearer " + anns)
                    .with("Idempotency-Key", "k-" + conversation).json(body).send()));
        }
        assertThat(answers.get(1)).isEqualTo(answers.get(0));
        assertThat(texts(data(get(anns, "/v6/conversations/" + conversation + "/messages"))))
                .containsExactly("first", "once");
    }

    @Test
    void conversationsAreFoundByTheirRecord() {
        String conversation = opened("found");
        JsonNode found = data(post(bens, "/v6/conversations/query",
                "{\"filter\":{\"attachedEntity\":{\"id\":{\"in\":[\"btxn_found\"]}}}}"));
        List<String> ids = new ArrayList<>();
        found.forEach(each -> ids.add(each.required("id").asString()));
        assertThat(ids).contains(conversation);
        assertThat(data(post(bens, "/v6/conversations/query",
                "{\"filter\":{\"attachedEntity\":{\"id\":{\"in\":[\"btxn_unheard_of\"]}}}}"))).isEmpty();
    }

    /** Who is asked for names no one else's conversations, so that each answer is known whole. */
    @Test
    void everyFilterAndOrderOfTheContractIsUnderstood() {
        OneServer.Member kim = SERVER.member(SERVER.clinic(), "Kim");
        String kims = token(kim);
        String ids = "";
        for (String subject : List.of("Alpha", "beta", "Gamma_1")) {
            ids += data(post(kims, "/v6/conversations", """
                    {"data":[{"subject":"%s","attachedEntityId":"e-%s","message":{"text":"x"}}]}
                    """.formatted(subject, subject))).get(0).required("data").required("id").asString() + " ";
        }
        String[] conversation = ids.split(" ");
        data(post(bens, "/v6/conversations", """
                {"data":[{"id":"%s","resolutionStatus":"CLOSED"},{"id":"%s","readStatus":"READ"}]}
                """.formatted(conversation[0], conversation[1])));
        String mine = "\"authorUserId\":{\"equal\":\"" + kim.token() + "\"}";
        String[][] table = {
            {"", "Alpha beta Gamma_1"},
            {",\"subject\":{\"equal\":\"beta\"}", "beta"},
            {",\"subject\":{\"notEqual\":\"beta\"}", "Alpha Gamma_1"},
            {",\"subject\":{\"greaterThan\":\"Gamma_1\"}", "beta"},
            {",\"subject\":{\"greaterThanEqual\":\"Gamma_1\"}", "beta Gamma_1"},
            {",\"subject\":{\"lessThan\":\"Gamma_1\"}", "Alpha"},
            {",\"subject\":{\"lessThanEqual\":\"Gamma_1\"}", "Alpha Gamma_1"},
            {",\"subject\":{\"contain\":\"A\"}", "Alpha beta Gamma_1"},
            {",\"subject\":{\"contain\":\"a_1\"}", "Gamma_1"},
            {",\"subject\":{\"contain\":\"%\"}", ""},
            {",\"subject\":{\"contain\":\"a\",\"notEqual\":\"Alpha\"}", "beta Gamma_1"},
            {",\"attachedEntity\":{\"id\":{\"in\":[\"e-Alpha\",\"e-beta\",\"e-none\"]}}", "Alpha beta"},
            {",\"attachedEntity\":{\"id\":{\"in\":[]}}", ""},
            {",\"attachedEntity\":{\"id\":{\"notIn\":[\"e-Alpha\"]}}", "beta Gamma_1"},
            {",\"resolutionStatus\":{\"in\":[\"RESOLVED\"]}", "Alpha"},
            {",\"resolutionStatus\":{\"in\":[\"closed\"]}", "Alpha"},
            {",\"resolutionStatus\":{\"notIn\":[\"RESOLVED\"]}", "beta Gamma_1"},
            {",\"resolutionStatus\":{\"in\":[\"OPEN\",\"RESOLVED\"]}", "Alpha beta Gamma_1"},
            {",\"resolutionStatus\":{\"in\":[]}", ""},
            {",\"readStatus\":{\"in\":[\"READ\"]}", "beta"},
            {",\"readStatus\":{\"notIn\":[\"READ\"]}", "Alpha Gamma_1"},
            {",\"authorEmail\":{\"contain\":\"@\"}", "Alpha beta Gamma_1"},
            {",\"authorEmail\":{\"equal\":\"" + kim.email() + "\"}", "Alpha beta Gamma_1"},
            {",\"authorEmail\":{\"notEqual\":\"" + kim.email() + "\"}", ""},
        };
        for (String[] row : table) {
            String asked = "{\"filter\":{" + mine + row[0] + "}}";
            assertThat(String.join(" ", subjects(asked))).as(asked).isEqualTo(row[1]);
        }
        String first = data(get(kims, "/v6/conversations/" + conversation[0])).required("createdDateTime").asString();
        String[][] orders = {
            {"{\"direction\":\"DESC\"}", "Gamma_1 beta Alpha"},
            {"[{\"orderBy\":\"createdDateTime\",\"direction\":\"desc\"}]", "Gamma_1 beta Alpha"},
            {"{\"orderBy\":\"LAST_UPDATED_DATE_TIME\"}", "beta Gamma_1 Alpha"},
            {"{\"orderBy\":\"LAST_UPDATED_DATE_TIME\",\"direction\":\"DESC\"}", "Alpha Gamma_1 beta"},
            {"{\"start\":\"" + first + "\"}", "Alpha beta Gamma_1"},
            {"{\"start\":\"9999-01-01\"}", ""},
            {"{\"start\":\"9999-01-01\",\"direction\":\"DESC\"}", "Gamma_1 beta Alpha"},
            {"{\"start\":\"2001-01-01\",\"direction\":\"DESC\"}", ""},
        };
        for (String[] row : orders) {
            String asked = "{\"filter\":{" + mine + "},\"sort\":" + row[0] + "}";
            assertThat(String.join(" ", subjects(asked))).as(asked).isEqualTo(row[1]);
        }
    }

    private List<String> subjects(String query) {
        List<String> subjects = new ArrayList<>();
        data(post(bens, "/v6/conversations/query", query))
                .forEach(each -> subjects.add(each.required("subject").asString()));
        return subjects;
    }
}
