package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.talk.Attachment;
import ephemera.core.vault.Blobs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.fileupload.FileItemIterator;
import org.apache.commons.fileupload.FileItemStream;
import org.apache.commons.fileupload.FileUpload;
import org.apache.commons.fileupload.FileUploadException;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.RequestContext;

/**
 * Reads {@code multipart/form-data} from a stream: texts into memory within the bound of a request, the file straight to the blobs.
 *
 * <p>Thread-safe.
 */
final class MultipartReader {

    private static final List<String> FILES = List.of("attachment", "avatar", "file");

    private final Blobs blobs;
    private final Limits limits;

    MultipartReader(Blobs blobs, Limits limits) {
        this.blobs = blobs;
        this.limits = limits;
    }

    /**
     * What a body held.
     *
     * @param parts its text parts, in order
     * @param file its file, stored already
     */
    record Body(List<Parameters.Part> parts, Optional<Attachment> file) {}

    /**
     * Reads a whole body.
     *
     * @throws Refused if it is malformed or too large; no file is kept then
     */
    Body read(String contentType, InputStream content) throws IOException {
        List<Parameters.Part> parts = new ArrayList<>();
        Optional<Attachment> file = Optional.empty();
        long room = limits.requestBytes();
        try {
            FileItemIterator items = new FileUpload().getItemIterator(new Source(contentType, content));
            while (items.hasNext()) {
                FileItemStream item = items.next();
                if (FILES.contains(item.getFieldName()) && !item.isFormField()) {
                    if (file.isPresent()) {
                        throw Failure.INVALID.refused("A request carries one file.");
                    }
                    file = Optional.of(store(item));
                } else {
                    byte[] text = text(item, room);
                    room -= text.length;
                    parts.add(part(item, text));
                }
            }
            return new Body(parts, file);
        } catch (FileUploadException | MultipartStream.MalformedStreamException _) {
            discard(file);
            throw Failure.MALFORMED.refused("The multipart body cannot be read.");
        } catch (Refused | IOException e) {
            discard(file);
            throw e;
        }
    }

    private Attachment store(FileItemStream item) throws IOException {
        try (InputStream content = item.openStream()) {
            Blobs.Stored stored = blobs.put(content, limits.attachmentBytes());
            String name = item.getName() == null ? "" : item.getName();
            String type = item.getContentType() == null ? "" : item.getContentType();
            return new Attachment(stored.id(), name, type, stored.size());
        }
    }

    private static byte[] text(FileItemStream item, long room) throws IOException {
        try (InputStream content = item.openStream()) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] buffer = new byte[8_192];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                text.write(buffer, 0, read);
                if (text.size() > room) {
                    throw Failure.TOO_LARGE.refused();
                }
            }
            return text.toByteArray();
        }
    }

    private static Parameters.Part part(FileItemStream item, byte[] text) {
        Map<String, String> headers = new HashMap<>();
        if (item.getHeaders() != null) {
            for (Iterator<String> names = item.getHeaders().getHeaderNames(); names.hasNext(); ) {
                String name = names.next();
                headers.put(name.toLowerCase(Locale.ROOT), item.getHeaders().getHeader(name));
            }
        }
        return new Parameters.Part(item.getFieldName(), headers, new String(text, StandardCharsets.UTF_8));
    }

    private void discard(Optional<Attachment> file) {
        file.ifPresent(attachment -> blobs.delete(List.of(attachment.blob())));
    }

    private record Source(String contentType, InputStream content) implements RequestContext {

        @Override
        public String getCharacterEncoding() {
            return "UTF-8";
        }

        @Override
        public String getContentType() {
            return contentType;
        }

        @Override
        @Deprecated
        public int getContentLength() {
            return -1;
        }

        @Override
        public InputStream getInputStream() {
            return content;
        }
    }
}
