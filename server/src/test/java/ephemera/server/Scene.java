package ephemera.server;

import ephemera.core.directory.ClientEnrolment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * The objects that one call is about, made anew for each: their tokens by name, and what only those in the conversation
 * may know.
 *
 * @param tokens what stands for the parameters of a path, a query or a body
 * @param inside what is said in the conversation
 * @param outside what else nobody of another organization may know
 */
record Scene(Map<String, String> tokens, List<String> inside, List<String> outside) {

    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final OneServer SERVER = OneServer.get();
    private static final ClientEnrolment.Enrolled CLIENT =
            SERVER.client(SERVER.clinic(), "Application", "https://app.example/back");
    private static final ClientEnrolment.Enrolled FOREIGN_CLIENT = SERVER.client(SERVER.office(), "Foreign");

    /** What a call can be about. */
    enum About {
        /** Nothing that belongs to anybody. */
        NOTHING,
        /** {@link Asker#MEMBER}, and the organization. */
        A_PERSON,
        /** A group of sender and member, with metadata. */
        A_GROUP,
        /** The same, open to the organization. */
        A_PUBLIC_GROUP,
        /** A message with a file to a group. */
        A_MESSAGE_TO_A_GROUP,
        /** A message with a file from sender to member. */
        A_DIRECT_MESSAGE,
        /** A message of the asker to themself, and a group that they may be in or not. */
        ONES_OWN_MESSAGE,
        /** The picture of a group. */
        A_PICTURE,
        /** A conversation on a record, opened by the sender with a message; all members of the organization see it. */
        A_TOPIC,
        /** The message in it. */
        A_MESSAGE_IN_A_TOPIC,
        /** The organization, as applications know it. */
        A_COMPANY,
        /** A bookkeeper of the organization. */
        A_BOOKKEEPER,
        /** A file of the sender that waits for its message. */
        AN_ATTACHMENT,
        /** The same, under its other name. */
        A_FILE
    }

    /** Makes the objects for a call of that asker. */
    static Scene of(About about, Asker asker) {
        Scene scene = new Scene(new HashMap<>(), new ArrayList<>(), new ArrayList<>());
        scene.tokens.put("list", UUID.randomUUID().toString());
        scene.tokens.put("blob", UUID.randomUUID().toString());
        scene.tokens.put("number", "1");
        scene.tokens.put("status", "available");
        scene.tokens.put("emojiCode", "eyes");
        scene.tokens.put("door", "tigerconnect");
        scene.tokens.put("file", "tigerconnect.yaml");
        scene.tokens.put("icon", "pdf.svg");
        // A record of the application, which nobody knows here.
        scene.tokens.put("attached", "btxn_7");
        scene.tokens.put("auth", OneServer.base64(UUID.randomUUID() + ":" + "0".repeat(48)));
        scene.tokens.put("client", CLIENT.client().id().toString());
        scene.tokens.put("redirect", "https://app.example/back");
        asker.person().ifPresent(person -> {
            scene.tokens.put("me", person.token());
            scene.tokens.put("auth", OneServer.base64(person.keys().key() + ":" + person.keys().secret()));
        });
        switch (about) {
            case NOTHING -> {}
            case A_PERSON -> scene.addPerson();
            case A_GROUP -> scene.addGroup(false);
            case A_PUBLIC_GROUP -> scene.addGroup(true);
            case A_MESSAGE_TO_A_GROUP -> {
                scene.addGroup(false);
                scene.addMessage(Asker.SENDER, Objects.requireNonNull(scene.tokens.get("group")));
            }
            case A_DIRECT_MESSAGE -> {
                scene.addPerson();
                scene.addMessage(Asker.SENDER, Objects.requireNonNull(scene.tokens.get("user")));
            }
            case ONES_OWN_MESSAGE -> {
                scene.addGroup(false);
                Asker owner = asker.person().isPresent() && !asker.isForeign() ? asker : Asker.MEMBER;
                scene.addMessage(owner, owner.member().token());
            }
            case A_PICTURE -> scene.addPicture();
            case A_TOPIC -> scene.tokens.put("id", scene.addTopic());
            case A_MESSAGE_IN_A_TOPIC -> scene.addTopic();
            case A_COMPANY -> scene.addCompany();
            case A_BOOKKEEPER -> scene.addBookkeeper();
            case AN_ATTACHMENT -> scene.addUpload("/v6/attachments/upload");
            case A_FILE -> scene.addUpload("/v6/files/upload");
        }
        return scene;
    }

    /** The same with tokens that nobody has instead of those of objects; {@code me} stays. */
    Scene missing() {
        Map<String, String> others = new HashMap<>(tokens);
        others.replaceAll((name, value) -> switch (name) {
            case "message", "group", "user", "recipient", "entity", "outsider", "list", "blob" ->
                    UUID.randomUUID().toString();
            case "organization" -> UUID.randomUUID().toString().replace("-", "").substring(0, 24);
            // A prefix tells of what kind it is.
            case "id", "entityId", "conversation" ->
                    value.replaceFirst("\\d+", Long.toString(NUMBERS.incrementAndGet()));
            case "email", "stranger" -> "nobody" + NUMBERS.incrementAndGet() + "@test.example";
            case "name" -> "Nobody " + NUMBERS.incrementAndGet();
            default -> value;
        });
        return new Scene(others, inside, outside);
    }

    private void addPerson() {
        OneServer.Member carol = Asker.MEMBER.member();
        tokens.put("user", carol.token());
        tokens.put("recipient", carol.token());
        tokens.put("entity", carol.token());
        tokens.put("email", carol.email());
        tokens.put("name", carol.person().profile().displayName());
        tokens.put("organization", SERVER.clinic().id().token());
        outside.add(carol.email());
        outside.add(carol.person().phone().orElseThrow().text());
        tokens.put("sender", Asker.SENDER.member().token());
        // Not the one who is looked for by e-mail elsewhere: whoever writes to an address has a contact of that name.
        tokens.put("stranger", Asker.SENDER.member().email());
    }

    private void addGroup(boolean isPublic) {
        addPerson();
        tokens.put("outsider", Asker.OUTSIDER.member().token());
        String name = secret("group");
        String metadata = secret("metadata");
        String group = SERVER.request("POST", "/v2/group")
                .as(Asker.SENDER.member())
                .json("""
                        {"name":"%s","members":["%s"],"is_public":%s,"metadata":{"ward":"%s"}}
                        """.formatted(name, Asker.MEMBER.member().token(), isPublic, metadata))
                .send()
                .header("TT-X-Group-Token")
                .orElseThrow();
        outside.add(name);
        outside.add(metadata);
        tokens.put("group", group);
        tokens.put("recipient", group);
        tokens.put("entity", group);
        tokens.put("name", name);
    }

    private void addMessage(Asker sender, String recipient) {
        String body = secret("body");
        String file = secret("file");
        // The recipient stands in the query, as the vendor documents it.
        String message = SERVER.request("POST", "/v2/message?recipient=" + recipient)
                .as(sender.member())
                .upload("body", body, "attachment", file)
                .send()
                .header("TT-X-Message-Id")
                .orElseThrow();
        inside.add(body);
        inside.add(file);
        tokens.put("message", message);
        if (tokens.containsKey("group")) {
            tokens.put("conversation", "con_" + new BigInteger(tokens.get("group").replace("-", ""), 16));
        }
        String number = "msg_" + new BigInteger(message.replace("-", ""), 16);
        tokens.put("id", number);
        tokens.put("entityId", number);
    }

    /** Adds a topic and its message, which is what {@code id} names; gives the topic's own id. */
    private String addTopic() {
        String subject = secret("subject");
        String body = secret("body");
        Request asSender = SERVER.request("POST", "/v6/conversations")
                .with("Authorization", "Bearer " + SERVER.token(CLIENT, Asker.SENDER.member()));
        JsonNode topic = asSender
                .json("{\"data\":[{\"subject\":\"%s\",\"message\":{\"text\":\"%s\"}}]}".formatted(subject, body))
                .send()
                .json()
                .required("data")
                .get(0)
                .required("data");
        outside.add(subject);
        outside.add(body);
        String conversation = topic.required("id").asString();
        String message = topic.required("latestMessage").required("id").asString();
        tokens.put("conversation", conversation);
        tokens.put("group", uuid(conversation));
        tokens.put("message", uuid(message));
        tokens.put("id", message);
        tokens.put("entityId", message);
        return conversation;
    }

    /** What the other door calls a thing with that id. */
    private static String uuid(String id) {
        BigInteger number = new BigInteger(id.replaceFirst("[a-z]+_", ""));
        return new UUID(number.shiftRight(64).longValue(), number.longValue()).toString();
    }

    private void addPicture() {
        String address = SERVER.request("POST", "/v2/group")
                .as(Asker.SENDER.member())
                .upload("name", secret("group"), "avatar", "\u0089PNG")
                .send()
                .header("TT-X-Group-Avatar")
                .orElseThrow();
        tokens.put("blob", address.substring(address.lastIndexOf('/') + 1));
    }

    private void addCompany() {
        JsonNode companies = asClient("/v6/company/query", "{}");
        tokens.put("id", companies.required("data").get(0).required("id").asString());
        outside.add(SERVER.clinic().id().token());
    }

    private void addBookkeeper() {
        String userId = secret("bookkeeper");
        JsonNode made = asClient("/v6/bookkeepers", "{\"userId\":\"" + userId + "\"}");
        tokens.put("id", made.required("data").required("id").asString());
        outside.add(userId);
    }

    private void addUpload(String path) {
        String content = secret("upload");
        String note = secret("note");
        JsonNode made = SERVER.request("POST", path)
                .with("Authorization", "Bearer " + SERVER.token(CLIENT, Asker.SENDER.member()))
                .upload("data", "{\"notes\":\"" + note + "\"}", "file", content)
                .send()
                .json();
        String id = made.required("data").required("id").asString();
        tokens.put("id", id);
        tokens.put("upload", id.replace("att_", "fil_"));
        inside.add(content);
        inside.add(note);
    }

    private static JsonNode asClient(String path, String json) {
        return SERVER.request("POST", path)
                .with("Authorization", "Bearer " + SERVER.token(CLIENT))
                .json(json)
                .send()
                .json();
    }

    /** The application of an organization. */
    static ClientEnrolment.Enrolled client(boolean isForeign) {
        return isForeign ? FOREIGN_CLIENT : CLIENT;
    }

    private static String secret(String what) {
        return "the " + what + " of nobody else " + NUMBERS.incrementAndGet();
    }

    /** Everything that those whom the objects belong to can see of them. */
    String state() {
        StringBuilder state = new StringBuilder();
        look(state, Asker.SENDER, "message", "/v2/message/{message}");
        look(state, Asker.SENDER, "message", "/v2/message/{message}/status");
        look(state, Asker.MEMBER, "message", "/v2/message/{message}/attachment/1");
        look(state, Asker.SENDER, "group", "/v2/group/{group}?render_metadata=true");
        look(state, Asker.MEMBER, "user", "/v2/user/{user}?render_metadata=true");
        look(state, Asker.SENDER, "organization", "/v2/user/{user}/organization/{organization}");
        if (tokens.containsKey("upload")) {
            state.append(SERVER.request("GET", filled("/v6/files/{upload}"))
                    .with("Authorization", "Bearer " + SERVER.token(CLIENT, Asker.SENDER.member()))
                    .send()
                    .body());
        }
        return state.toString();
    }

    private void look(StringBuilder state, Asker who, String token, String path) {
        if (tokens.containsKey(token)) {
            Request.Answer answer = SERVER.request("GET", filled(path)).as(who.member()).send();
            state.append(path).append(' ').append(answer.status()).append(' ').append(answer.body()).append('\n');
        }
    }

    /** A text with the tokens in the places of their names in braces. */
    String filled(String template) {
        String text = template;
        for (Map.Entry<String, String> token : tokens.entrySet()) {
            text = text.replace("{" + token.getKey() + "}", token.getValue());
        }
        return text;
    }
}
