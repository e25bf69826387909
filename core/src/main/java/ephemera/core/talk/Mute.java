package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.time.Instant;

/**
 * A person's wish not to be alerted about somebody for a while.
 *
 * @param person whose wish it is
 * @param kind what is muted
 * @param target the token of the person, group or organization; organizations have no UUID, so this is text
 * @param since when it began
 * @param minutes how long it lasts
 */
public record Mute(PersonId person, Kind kind, String target, Instant since, int minutes) {

    /** The longest mute: ten years, in minutes. */
    public static final int LONGEST_MINUTES = 10 * 366 * 24 * 60;

    /** What is muted. */
    public enum Kind {
        PERSON,
        GROUP,
        ORGANIZATION
    }
}
