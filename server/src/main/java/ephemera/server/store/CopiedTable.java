package ephemera.server.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A table whose rows a backup holds, in an order in which they can be put back.
 *
 * <p>A table that is added to the schema is added here too, or to the few that are put back in another way; a test
 * compares. One that is taken out of the schema stays here as long as backups of it may be restored.
 */
public enum CopiedTable {
    ORGANIZATION,
    PERSON,
    CREDENTIAL,
    CLIENT,
    COMPANY,
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    AUTHORIZATION_CODE,
    METADATA,
    CONVERSATION,
    MEMBERSHIP,
    EARLIER_MEMBERSHIP,
    ACKNOWLEDGED,
    MUTE,
    TOPIC,
    TOPIC_READING,
    REQUEST,
    UPLOAD,
    SLICE,
    DOOMED,
    HOLD,
    HELD,
    DELETION,
    DELETION_DAY,
    WEBHOOK,
    WEBHOOK_SECRET,
    WEBHOOK_DELIVERY,
    MESSAGE(true),
    RECEIPT(true),
    BURN(true),
    NOTICE(true),
    DELIVERY(true),
    REACTION(true),
    AUDIT(true),
    IDEMPOTENT_REQUEST;

    private final boolean parted;

    CopiedTable() {
        this(false);
    }

    CopiedTable(boolean parted) {
        this.parted = parted;
    }

    /** Its name in the database. */
    public String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it has a partition for each epoch. */
    public boolean isParted() {
        return parted;
    }

    /** The table of that name; empty if there is none. */
    public static Optional<CopiedTable> named(String table) {
        return Arrays.stream(values()).filter(each -> each.table().equals(table)).findFirst();
    }
}
