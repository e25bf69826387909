package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.talk.Allowance;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns what a client sent into {@link Parameters}. Thread-safe. */
final class RequestReader {

    private final MultipartReader multipart;

    RequestReader(MultipartReader multipart) {
        this.multipart = multipart;
    }

    /** Whether the body is to be read as a stream. */
    static boolean isMultipart(HttpServerRequest request) {
        return mediaType(request).equals("multipart/form-data");
    }

    /** The parameters of a request with a body in one piece that is still to come. */
    Parameters whole(HttpServerRequest request, InputStream body) throws IOException {
        try {
            return whole(request, Buffer.buffer(body.readAllBytes()));
        } catch (BodyStream.Broken _) {
            throw Failure.MALFORMED.refused("The body ends before its end.");
        }
    }

    /** The parameters of a request whose body is in memory. */
    Parameters whole(HttpServerRequest request, Buffer body) {
        Optional<ObjectNode> json = Optional.empty();
        Map<String, List<String>> texts = outsideBody(request);
        Set<String> queried = Set.copyOf(texts.keySet());
        if (body.length() > 0 && !isBlank(body)) {
            switch (mediaType(request)) {
                case "application/x-www-form-urlencoded" -> texts.putAll(FormText.read(body.getBytes()));
                // Published clients send JSON without a type, too.
                case "application/json", "" -> json = Optional.of(object(body));
                default -> {
                    if (!mediaType(request).endsWith("+json")) {
                        throw Failure.UNSUPPORTED_MEDIA.refused(
                                "Send JSON, application/x-www-form-urlencoded or multipart/form-data.");
                    }
                    json = Optional.of(object(body));
                }
            }
        }
        return new Parameters(json, texts, List.of(), Optional.empty(), queried);
    }

    /** The parameters of a multipart request, for whose file there is that room. */
    Parameters multipart(HttpServerRequest request, InputStream body, Allowance room) throws IOException {
        MultipartReader.Body read = multipart.read(request.getHeader("Content-Type"), body, room);
        Map<String, List<String>> texts = outsideBody(request);
        return new Parameters(Optional.empty(), texts, read.parts(), read.file(), texts.keySet())
                .withFileDigest(read.digest());
    }

    private static ObjectNode object(Buffer body) {
        JsonNode node = JsonText.read(body.getBytes());
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw Failure.MALFORMED.refused("The body must be a JSON object.");
    }

    private static boolean isBlank(Buffer body) {
        for (int i = 0; i < body.length(); i++) {
            if (" \t\r\n".indexOf(body.getByte(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    private static String mediaType(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        if (type == null) {
            return "";
        }
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /**
     * What the query says.
     *
     * @throws ephemera.core.Refused if it cannot be decoded
     */
    static Map<String, List<String>> query(HttpServerRequest request) {
        // The request line comes as one character for each byte.
        return request.query() == null
                ? new HashMap<>()
                : FormText.read(request.query().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Whether a part of the body is, or with HTTP/2 may be, still to come. */
    static boolean hasMore(HttpServerRequest request) {
        return !request.isEnded()
                && (declaredLength(request) > 0 || request.headers().contains("Transfer-Encoding")
                        || isShared(request));
    }

    /** Whether other requests share the connection. */
    static boolean isShared(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_2;
    }

    /** The length of the body that is to come, in bytes, as far as the client has told; otherwise 0. */
    static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException _) {
            // The HTTP parser has refused it already.
            return Long.MAX_VALUE;
        }
    }

    /** What query and headers say. */
    private static Map<String, List<String>> outsideBody(HttpServerRequest request) {
        Map<String, List<String>> texts = query(request);
        for (Map.Entry<String, String> header : request.headers()) {
            if (header.getKey().regionMatches(true, 0, "TT-X-", 0, 5)) {
                texts.computeIfAbsent(header.getKey(), _ -> new ArrayList<>()).add(header.getValue());
            }
        }
        return texts;
    }
}
