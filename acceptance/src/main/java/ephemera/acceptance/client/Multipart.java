package ephemera.acceptance.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A {@code multipart/form-data} body, framed and with the part headers that the published JS client sends.
 *
 * <p>Names and values are written as they are given, so that a test can also write what no client should. Not
 * thread-safe.
 */
public final class Multipart {
    private final String boundary = "--------------------------" + UUID.randomUUID().toString().replace("-", "");
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Makes an empty body. */
    public Multipart() {
    }

    /** Adds a text part. */
    public Multipart text(String name, String value) {
        return part("Content-Disposition: form-data; name=\"" + name
                + "\"\r\nContent-type: text/plain; charset=\"utf-8\"", value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds an object as a part of type {@code application/json}. */
    public Multipart json(String name, String value) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"\r\nContent-type: application/json",
                value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds one item of a message's data, with its namespace as a header of the part. */
    public Multipart data(String mimetype, String namespace, String payload) {
        return part("Content-Disposition: form-data; name=\"data\"\r\nContent-Type: " + mimetype
                + "\r\nTT-X-Namespace: " + namespace, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a file. */
    public Multipart file(String name, String fileName, String contentType, byte[] content) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"; filename=\"" + fileName
                + "\"\r\nContent-Type: " + contentType, content);
    }

    /** Adds a part with headers as they are given, without the final line end. */
    public Multipart part(String headers, byte[] content) {
        write("--" + boundary + "\r\n" + headers + "\r\n\r\n");
        bytes.writeBytes(content);
        write("\r\n");
        return this;
    }

    /** Gives the value of the request's {@code Content-Type}. */
    public String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }

    /** Gives the whole body with its end. */
    public byte[] bytes() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(bytes.toByteArray());
        whole.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return whole.toByteArray();
    }

    private void write(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
