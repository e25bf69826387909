package ephemera.core.talk;

/** How urgent a message is. */
public enum Priority {
    LOW(-1),
    NORMAL(0),
    HIGH(1);

    private final int level;

    Priority(int level) {
        this.level = level;
    }

    /** The number on the wire: −1, 0 or 1. */
    public int level() {
        return level;
    }

    /** The priority of a number: negative is low, positive is high. */
    public static Priority of(long level) {
        return level < 0 ? LOW : level > 0 ? HIGH : NORMAL;
    }
}
