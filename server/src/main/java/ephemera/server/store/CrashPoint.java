package ephemera.server.store;

import ephemera.server.Crash;

/**
 * A step of closing an epoch, of killing a message early or of holding it, after which a crash must harm nothing.
 *
 * <p>Tests end the process there, see {@link Crash}.
 */
enum CrashPoint {
    SLICE_DUE,
    SLICE_KEYS_DESTROYED,
    SLICE_RECORDED,
    EPOCH_DUE,
    EPOCH_FILES_REMOVED,
    EPOCH_MESSAGES_DROPPED,
    EPOCH_RECEIPTS_DROPPED,
    EPOCH_BURNS_DROPPED,
    EPOCH_NOTICES_DROPPED,
    EPOCH_DELIVERIES_DROPPED,
    EPOCH_REACTIONS_DROPPED,
    EPOCH_AUDIT_DROPPED,
    EPOCH_RECORDED,
    DOOMED_FILES_REMOVED,
    DOOMED_SCRUBBED,
    DOOMED_DUE,
    DOOMED_PUNCTURED,
    DOOMED_RECORDED,
    HELD_COPIED,
    HELD_FILE_KEPT,
    HELD_SEALED,
    HELD_SECURED,
    HOLD_MARKED,
    RELEASED_KEYS_PUNCTURED,
    RELEASED_KEYS_DESTROYED,
    RELEASED_FILES_REMOVED,
    RELEASED_RECORDED;

    /** Ends the process here if that was asked for. */
    void reached() {
        Crash.at(name());
    }
}
