package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.vault.Blobs;
import ephemera.server.http.Parameters;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.UUID;

/**
 * Pictures of people and groups. What kind of picture it is tell its first bytes; what an uploader claims is not
 * believed. Thread-safe.
 */
final class Pictures {

    private static final int LARGEST = 10 * 1024 * 1024;

    private final Blobs blobs;

    Pictures(Blobs blobs) {
        this.blobs = blobs;
    }

    /**
     * The picture that a request carries, kept.
     *
     * @throws ephemera.core.Refused with {@code TOO_LARGE} if it is larger than what is shown
     */
    Optional<UUID> keep(Parameters parameters) {
        return parameters.file().map(file -> {
            if (file.size() > LARGEST) {
                throw Failure.TOO_LARGE.refused("A picture has at most " + LARGEST + " bytes.");
            }
            try {
                blobs.keepAsPicture(file.blob(), file.key());
            } catch (IOException e) {
                throw new UncheckedIOException("a picture cannot be kept", e);
            }
            return file.blob();
        });
    }

    /** The bytes of a picture; empty if there is no such picture. */
    Optional<byte[]> open(UUID picture) throws IOException {
        Optional<InputStream> found = blobs.openPicture(picture);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream content = found.get()) {
            return Optional.of(content.readNBytes(LARGEST));
        }
    }

    /** The media type of a picture; {@code application/octet-stream} for anything that is none. */
    static String type(byte[] picture) {
        if (begins(picture, 0x89, 'P', 'N', 'G')) {
            return "image/png";
        }
        if (begins(picture, 0xff, 0xd8, 0xff)) {
            return "image/jpeg";
        }
        if (begins(picture, 'G', 'I', 'F', '8')) {
            return "image/gif";
        }
        boolean webp = picture.length > 12 && begins(picture, 'R', 'I', 'F', 'F') && picture[8] == 'W';
        return webp ? "image/webp" : "application/octet-stream";
    }

    private static boolean begins(byte[] picture, int... bytes) {
        if (picture.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((picture[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
