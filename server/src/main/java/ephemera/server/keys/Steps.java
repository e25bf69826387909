package ephemera.server.keys;

import ephemera.server.Crash;
import java.io.IOException;

/**
 * What is told of each step that changes the files of keys, so that a test can end or fail there.
 *
 * <p>A step is told when it is done, before the next one begins.
 */
@FunctionalInterface
interface Steps {

    /** Every step, in the order of a replacement, of a destruction, and of a change of the root key. */
    enum Step {
        /** A slice has a folder. */
        FOLDER_MADE,
        /** The new version has a file, without content. */
        NEW_MADE,
        /** The new version is written, perhaps not on disk. */
        NEW_WRITTEN,
        /** The new version is on disk under its temporary name. */
        NEW_ON_DISK,
        /** The old version has a second name. */
        OLD_LINKED,
        /** The second name is on disk. */
        LINK_ON_DISK,
        /** The new version has its name, perhaps not on disk. */
        RENAMED,
        /** The new version is what counts. */
        REPLACED,
        /** The old version is noise. */
        OLD_OVERWRITTEN,
        /** The old version has no name. */
        OLD_REMOVED,
        /** A file says that it is destroyed. */
        CONDEMNED,
        /** A destroyed file is noise. */
        OVERWRITTEN,
        /** A destroyed file has no name. */
        REMOVED,
        /** A slice has no folder, perhaps not on disk. */
        FOLDER_REMOVED,
        /** A new root key is on disk, and nothing is sealed with it. */
        ROOT_MADE,
        /** Everything is sealed with the new root key. */
        ROOT_SERVES,
        /** The old root key does not have its name any more. */
        ROOT_CONDEMNED,
        /** The new root key has the name of the old one. */
        ROOT_NAMED,
        /** The old root key is noise. */
        ROOT_OVERWRITTEN,
        /** The old root key has no name. */
        ROOT_REMOVED
    }

    /** Those that nobody watches. */
    Steps NONE = _ -> {};

    /**
     * Those of a server, which ends at {@code KEY_} and the name of the step if that is asked for: see {@link Crash}.
     */
    Steps OF_A_SERVER = step -> Crash.at("KEY_" + step);

    /** A step is done. */
    void done(Step step) throws IOException;
}
