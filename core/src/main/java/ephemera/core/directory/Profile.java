package ephemera.core.directory;

import java.util.Optional;
import java.util.UUID;

/**
 * What a person shows of themself.
 *
 * @param displayName the name that others see, never blank
 * @param firstName the given name, or empty text
 * @param lastName the family name, or empty text
 * @param status free text, or empty text
 * @param title the job title, or empty text
 * @param department the department, or empty text
 * @param doNotDisturb whether the person asked not to be disturbed
 * @param doNotDisturbText what others are told meanwhile, or empty text
 * @param avatar the blob of the picture
 */
public record Profile(
        String displayName,
        String firstName,
        String lastName,
        String status,
        String title,
        String department,
        boolean doNotDisturb,
        String doNotDisturbText,
        Optional<UUID> avatar) {

    /** The profile of somebody of whom only the name is known. */
    public static Profile named(String displayName) {
        String trimmed = displayName.strip();
        int blank = trimmed.lastIndexOf(' ');
        String first = blank < 0 ? trimmed : trimmed.substring(0, blank).strip();
        String last = blank < 0 ? "" : trimmed.substring(blank + 1);
        return new Profile(trimmed, first, last, "", "", "", false, "", Optional.empty());
    }
}
