package ephemera.core.talk;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody may say to a message without a word. */
public enum Emoji {
    THUMBS_UP,
    THUMBS_DOWN,
    EYES,
    RED_HEART,
    HUNDRED_POINTS;

    /** Its name on the wire, such as {@code thumbs_up}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one with that name on the wire, written just so; empty if there is none. */
    public static Optional<Emoji> ofCode(String code) {
        return Arrays.stream(values()).filter(emoji -> emoji.code().equals(code)).findFirst();
    }
}
