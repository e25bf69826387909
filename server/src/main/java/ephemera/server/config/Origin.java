package ephemera.server.config;

import java.nio.file.Path;
import java.util.Objects;

/** Where a value was given: what failures name, and what a relative path in the value counts from. */
sealed interface Origin {

    /** Returns the words that let a person find the value. */
    String words();

    /** Returns the folder that a relative path in the value counts from. */
    default Path folder() {
        return Path.of("").toAbsolutePath();
    }

    /** The value that the declaration itself gives. */
    record Declaration() implements Origin {
        @Override
        public String words() {
            return "default";
        }
    }

    /**
     * A line of a configuration file.
     *
     * @param line counted from 1
     */
    record FileLine(Path file, int line) implements Origin {
        @Override
        public String words() {
            return file + ":" + line;
        }

        @Override
        public Path folder() {
            return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file stands in a folder");
        }
    }

    /** An environment variable. */
    record Environment(String variable) implements Origin {
        @Override
        public String words() {
            return "environment variable " + variable;
        }
    }

    /** The command line. */
    record CommandLine() implements Origin {
        @Override
        public String words() {
            return "command line";
        }
    }
}
