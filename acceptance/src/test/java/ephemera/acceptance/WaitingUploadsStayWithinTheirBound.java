package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.badinput.Snapshot;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tight;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Over the wire: whoever has too many files waiting is told so, and nothing of what was refused stays on the disk. */
class WaitingUploadsStayWithinTheirBound {
    private static final int MOST = 64 * 1024;
    private static TemporaryFolder folder;
    private static ServerProcess server;
    private static List<Credentials> people;
    private static String client;
    private static String secret;

    @BeforeAll
    static void start() throws IOException {
        folder = TemporaryFolder.make();
        server = ServerProcess.Launch.on(folder.path().resolve("data"))
                .with(
                        "--set", "limits.attachment=64KB", "--set", "limits.uploads-per-person=64KB",
                        "--set", "limits.uploads-per-client=1MB", "--set", "limits.body=1KB",
                        "--set", "limits.request=8KB")
                .start();
        String organization = server.commands().createOrganization("office");
        people = server.commands().importPeople(organization, "p", 6);
        JsonNode made = server.commands()
                .run("client", "create", "--org", organization, "--name", "Books", "--json").json();
        client = made.required("client_id").asString();
        secret = made.required("client_secret").asString();
    }

    @AfterAll
    static void remove() {
        if (server != null) {
            server.close();
        }
        folder.close();
    }

    private static Tight as(int person) {
        return Tight.at(server.url()).signedIn(client, secret, Optional.of(people.get(person).token()), "write");
    }

    private static Reply upload(Tight tight, String path, int bytes, Map<String, String> more) {
        Multipart body = new Multipart().file("file", "plan.txt", "text/plain", new byte[bytes]);
        Map<String, String> headers = new HashMap<>(more);
        headers.put("Content-Type", body.contentType());
        return tight.call("POST", path, headers, body.bytes());
    }

    private static Reply upload(Tight tight, int bytes) {
        return upload(tight, "/v6/attachments/upload", bytes, Map.of());
    }

    private static String uploaded(Tight tight, int bytes) {
        return Tight.data(upload(tight, bytes)).required("id").asString();
    }

    private static void assertNoRoom(Reply reply) {
        JsonNode refusal = reply.expect(429).json();
        assertThat(refusal.required("result").asString()).isEqualTo("FAILURE");
        assertThat(refusal.required("error").get(0).required("type").asString()).isEqualTo("BAD_REQUEST");
        assertThat(refusal.required("error").get(0).required("message").asString()).contains(MOST + " bytes");
    }

    @Test
    void atEveryPathOfAnUpload() {
        Tight ann = as(0);
        String first = uploaded(ann, MOST - 4_096);
        Set<String> before = Snapshot.files(server.data());
        for (String path : List.of("/v6/attachments/upload", "/v6/files/upload", "/v6/files/upload/btxn_1")) {
            assertNoRoom(upload(ann, path, 4_097, Map.of()));
        }
        Deadline.untilPasses(() -> assertThat(before).containsAll(Snapshot.files(server.data())));
        upload(ann, "/v6/files/upload", 4_096, Map.of()).expect(200);
        // Full: whatever comes is refused, and the other one's files have room.
        assertNoRoom(upload(ann, "/v6/files/upload", 0, Map.of()));
        uploaded(as(1), MOST);
        ann.delete("/v6/attachments/" + first).expect(200);
        uploaded(ann, MOST - 4_096);
        server.commands().run("doctor").expectSuccess();
    }

    @Test
    void ofABodyWhoseLengthNobodyTells() {
        Tight ben = as(2);
        uploaded(ben, MOST / 2);
        Set<String> before = Snapshot.files(server.data());
        Reply refusal = RawHttp.exchange(server.url(), "a long upload", Deadline.LONGEST, out -> {
            out.write(head(ben, "Transfer-Encoding: chunked"));
            chunk(out, "--xxxx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plan.txt\"\r\n\r\n");
            for (int i = 0; i < 16; i++) {
                chunk(out, "x".repeat(4_000));
            }
            // The server does not wait for the rest, which never comes.
            out.flush();
        });
        assertNoRoom(refusal);
        Deadline.untilPasses(() -> assertThat(before).containsAll(Snapshot.files(server.data())));
    }

    @Test
    void andOfOneWhoseLengthSaysEnoughBeforeItsFirstByte() {
        Tight eve = as(5);
        uploaded(eve, MOST / 2);
        // Nothing of it is ever sent. What else may be in such a request has 8 KB.
        assertNoRoom(RawHttp.exchange(
                server.url(), "a large upload", Deadline.LONGEST,
                out -> out.write(head(eve, "Content-Length: " + (MOST / 2 + 8 * 1024 + 1)))));
    }

    private static byte[] head(Tight who, String length) {
        return """
                POST /v6/attachments/upload HTTP/1.1
                Host: localhost
                Authorization: Bearer %s
                Content-Type: multipart/form-data; boundary=xxxx
                %s

                """.formatted(who.token(), length).replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static void chunk(OutputStream out, String text) throws IOException {
        out.write((Integer.toHexString(text.length()) + "\r\n" + text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void andTheSameRequestMaySucceedLater() {
        Tight cleo = as(3);
        String first = uploaded(cleo, MOST);
        Map<String, String> key = Map.of("Idempotency-Key", "later");
        assertNoRoom(upload(cleo, "/v6/attachments/upload", 5_000, key));
        String conversation = cleo.open("Papers", "here they are");
        Tight.data(cleo.post("/v6/messages", Map.of(
                "data", List.of(Map.of("conversationId", conversation, "attachmentIds", List.of(first))))));
        Reply brought = upload(cleo, "/v6/attachments/upload", 5_000, key);
        String second = Tight.data(brought).required("id").asString();

        // Who lost the answer gets it again, also when there is room for nothing more.
        uploaded(cleo, MOST - 5_000 - 4_096);
        assertNoRoom(upload(cleo, 5_000));
        Reply again = upload(cleo, "/v6/attachments/upload", 5_000, key).expect(200);
        assertThat(again.header("Idempotency-Replayed")).contains("true");
        assertThat(Tight.data(again).required("id").asString()).isEqualTo(second);
        upload(cleo, "/v6/attachments/upload", 6_000, key).expect(409);
    }

    @Test
    void andTheAuditTrailTellsWhoBroughtHowMuch() {
        Tight dan = as(4);
        String id = uploaded(dan, 1_234);
        JsonNode entry = Tight.data(dan.get("/v6/auditTrail/" + id)).get(0);
        assertThat(entry.required("action").asString()).isEqualTo("CREATED");
        assertThat(entry.required("entityId").asString()).isEqualTo(id);
        assertThat(entry.required("editor").required("clientId").asString()).isEqualTo(client);
        assertThat(entry.required("revisions").get(0).required("field").asString()).isEqualTo("fileSize");
        assertThat(entry.required("revisions").get(0).required("bytes").asInt()).isEqualTo(1_234);
        assertThat(Tight.data(dan.get("/v6/auditTrail/" + id.replace("att_", "fil_")))).hasSize(1);
        as(5).get("/v6/auditTrail/" + id).expect(404);
    }
}
