package ephemera.server;

import static ephemera.server.AuthorizationRow.row;
import static ephemera.server.AuthorizationTable.byToken;
import static ephemera.server.Scene.About.AN_ATTACHMENT;
import static ephemera.server.Scene.About.A_FILE;
import static ephemera.server.Scene.About.NOTHING;

import java.util.List;

/** Who may do what with attachments and files: what waits for its message is its uploader's alone. */
final class AttachmentRows {

    static final List<AuthorizationRow> ALL = List.of(
            uploading("/v6/attachments/upload"),
            byToken("POST", "/v6/attachments/upload", NOTHING).answers(401, 401, 400, 400, 400, 400, 400),
            row("POST", "/v6/attachments/upload", NOTHING).answers(401, 401, 401, 401, 401, 401, 401),
            byToken("GET", "/v6/attachments/{id}", AN_ATTACHMENT).answers(401, 401, 404, 404, 404, 200, 404),
            byToken("GET", "/v6/attachments/{id}/content", AN_ATTACHMENT)
                    .answers(401, 401, 404, 404, 404, 200, 404),
            byToken("DELETE", "/v6/attachments/{id}", AN_ATTACHMENT).answers(401, 401, 404, 404, 404, 200, 404),
            uploading("/v6/files/upload"),
            uploading("/v6/files/upload/{attached}"),
            byToken("GET", "/v6/files/{id}", A_FILE).answers(401, 401, 404, 404, 404, 200, 404),
            byToken("POST", "/v6/files", A_FILE)
                    .json("{\"data\":[{\"id\":\"{id}\",\"notes\":\"new\"}]}")
                    .answers(401, 401, 400, 400, 400, 200, 400),
            byToken("POST", "/v6/files/query", A_FILE)
                    .json("{\"filter\":{\"id\":{\"in\":[\"{id}\"]}}}")
                    .answers(401, 401, 200, 200, 200, 200, 200)
                    .changedBy(),
            byToken("DELETE", "/v6/files/{id}", A_FILE).answers(401, 401, 404, 404, 404, 200, 404),
            row("GET", "/v6/icons/{icon}", NOTHING).open().answers(200, 200, 200, 200, 200, 200, 200));

    private AttachmentRows() {}

    private static AuthorizationRow uploading(String template) {
        return row("POST", template, NOTHING)
                .signed((asker, request) -> AuthorizationTable.withToken(asker, request)
                        .upload("data", "{}", "file", "text"))
                .answers(401, 401, 200, 200, 200, 200, 200);
    }
}
