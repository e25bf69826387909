package ephemera.server.door.tigerconnect;

/**
 * Recognises the kinds of pictures that browsers show, by their first bytes; what an uploader claims is not believed.
 */
final class Pictures {

    private Pictures() {}

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
