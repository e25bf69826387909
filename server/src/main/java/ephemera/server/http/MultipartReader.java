package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.talk.Allowance;
import ephemera.core.talk.Attachment;
import ephemera.core.vault.Blobs;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
import org.apache.commons.fileupload.InvalidFileNameException;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.RequestContext;

/**
 * Reads {@code multipart/form-data} from a stream: texts into memory within the bound of a request, the file straight
 * to the blobs.
 *
 * <p>Thread-safe.
 */
final class MultipartReader {

    private static final List<String> FILES = List.of("attachment", "avatar", "file");

    /** Room for a file name of 255 characters, each of which may take six bytes in some encoding, and the rest. */
    private static final int PART_HEADER_BYTES = 4 * 1024;

    private static final int PART_OVERHEAD = 100;

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
     * @param digest the SHA-256 of what is in the file
     */
    record Body(List<Parameters.Part> parts, Optional<Attachment> file, byte[] digest) {}

    /**
     * Reads a whole body.
     *
     * @param allowed asked for room for every piece of the file before it is stored
     * @throws Refused if it is malformed or too large, or there is no room for it; no file is kept then
     */
    Body read(String contentType, InputStream content, Allowance allowed) throws IOException {
        List<Parameters.Part> parts = new ArrayList<>();
        Optional<Attachment> file = Optional.empty();
        MessageDigest digest = sha256();
        long room = limits.requestBytes();
        FileUpload upload = new FileUpload();
        upload.setPartHeaderSizeMax(PART_HEADER_BYTES);
        try {
            FileItemIterator items = upload.getItemIterator(new Source(contentType, content));
            while (items.hasNext()) {
                FileItemStream item = items.next();
                if (FILES.contains(item.getFieldName()) && !item.isFormField()) {
                    if (file.isPresent()) {
                        throw Failure.INVALID.refused("A request carries one file.");
                    }
                    file = Optional.of(store(item, digest, allowed));
                } else {
                    // A part takes memory even if it is empty.
                    room -= PART_OVERHEAD;
                    byte[] text = text(item, room);
                    room -= text.length;
                    parts.add(part(item, text));
                }
            }
            return new Body(parts, file, digest.digest());
        } catch (FileUploadException
                | MultipartStream.MalformedStreamException
                | MultipartStream.IllegalBoundaryException
                | BodyStream.Broken _) {
            discard(file);
            throw Failure.MALFORMED.refused("The multipart body cannot be read.");
        } catch (Refused | IOException e) {
            discard(file);
            throw e;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private Attachment store(FileItemStream item, MessageDigest digest, Allowance allowed) throws IOException {
        String name = name(item);
        String type = item.getContentType() == null ? "" : item.getContentType();
        // Not closed: that would read all of what was refused. The next item closes it anyway.
        Blobs.Stored stored = blobs.put(
                new DigestInputStream(new Counted(item.openStream(), allowed), digest), limits.attachmentBytes());
        return new Attachment(stored.id(), stored.key(), name, type, stored.size());
    }

    /** The file's name as it was sent; clients send odd ones, which an attachment makes safe. */
    private static String name(FileItemStream item) {
        try {
            return item.getName() == null ? "" : item.getName();
        } catch (InvalidFileNameException e) {
            return e.getName();
        }
    }

    private static byte[] text(FileItemStream item, long room) throws IOException {
        int most = Math.clamp(room + 1, 0, Integer.MAX_VALUE);
        byte[] text = item.openStream().readNBytes(most);
        if (text.length > room) {
            throw Failure.TOO_LARGE.refused();
        }
        return text;
    }

    private static Parameters.Part part(FileItemStream item, byte[] text) {
        Map<String, String> headers = new HashMap<>();
        if (item.getHeaders() != null) {
            for (Iterator<String> names = item.getHeaders().getHeaderNames(); names.hasNext();) {
                String name = names.next();
                headers.put(name.toLowerCase(Locale.ROOT), item.getHeaders().getHeader(name));
            }
        }
        return new Parameters.Part(item.getFieldName(), headers, JsonText.utf8(text));
    }

    private void discard(Optional<Attachment> file) {
        file.ifPresent(attachment -> blobs.discard(List.of(attachment.blob())));
    }

    /** Takes room for what is read before anybody gets it. */
    private static final class Counted extends FilterInputStream {

        private final Allowance allowed;

        Counted(InputStream content, Allowance allowed) {
            super(content);
            this.allowed = allowed;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                allowed.take(1);
            }
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            if (read > 0) {
                allowed.take(read);
            }
            return read;
        }
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
