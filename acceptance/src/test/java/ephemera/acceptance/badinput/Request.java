package ephemera.acceptance.badinput;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request that is written to a socket exactly as it is put together: nothing is checked, completed or encoded.
 *
 * <p>Immutable: every method that adds something gives another request.
 *
 * @param line the first line, without its end
 * @param headers the header lines, without their ends
 * @param body the bytes behind the empty line
 */
public record Request(String line, List<String> headers, byte[] body) implements RawHttp.Content {

    /** Makes a request of HTTP/1.1 without credentials. */
    public static Request of(String method, String target) {
        return new Request(method + " " + target + " HTTP/1.1", List.of("Host: localhost"), new byte[0]);
    }

    /** Gives the request with another first line. */
    public Request withLine(String other) {
        return new Request(other, headers, body);
    }

    /** Gives the request with credentials. */
    public Request as(Credentials somebody) {
        return with("Authorization: " + somebody.basic());
    }

    /** Gives the request with one more header line, as it is. */
    public Request with(String header) {
        List<String> more = new ArrayList<>(headers);
        more.add(header);
        return new Request(line, more, body);
    }

    /** Gives the request with a body of that type and its length. */
    public Request body(String contentType, byte[] bytes) {
        return with("Content-Type: " + contentType).body(bytes);
    }

    /** Gives the request with a body and its length, but without a type. */
    public Request body(byte[] bytes) {
        return with("Content-Length: " + bytes.length).behind(bytes);
    }

    /** Gives the request with these bytes behind its head, whatever its headers say. */
    public Request behind(byte[] bytes) {
        return new Request(line, headers, bytes);
    }

    /** Gives the request with this text behind its head, whatever its headers say. */
    public Request behind(String text) {
        return behind(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives the request with a body of JSON. */
    public Request json(String text) {
        return body("application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives the request with a body of a form, encoded already. */
    public Request form(String text) {
        return body("application/x-www-form-urlencoded", text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives the request with a whole multipart body. */
    public Request multipart(Multipart parts) {
        return body(parts.contentType(), parts.bytes());
    }

    /** Gives everything that is sent. */
    public byte[] bytes() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        headers.forEach(header -> whole.writeBytes((header + "\r\n").getBytes(StandardCharsets.UTF_8)));
        whole.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        whole.writeBytes(body);
        return whole.toByteArray();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes());
    }
}
