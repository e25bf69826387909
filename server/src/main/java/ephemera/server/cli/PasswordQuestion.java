package ephemera.server.cli;

import ephemera.server.StartFailure;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Asks for a new password: twice and without echo at a terminal, otherwise as one line of the input, in UTF-8.
 *
 * @param terminal the terminal, if there is somebody to ask
 * @param input where it is read from otherwise
 */
record PasswordQuestion(Optional<Console> terminal, InputStream input) {

    /** The longest line that is read, in bytes; no password is that long. */
    private static final int LONGEST_LINE = 10_000;

    /**
     * The question to whoever started this process.
     *
     * @throws StartFailure if there is a terminal to type at but none to ask at: the password would be echoed
     */
    static PasswordQuestion ofThisProcess() {
        Optional<Console> terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (terminal.isEmpty() && inputIsTerminal()) {
            throw new StartFailure("The password cannot be asked for while the output goes to a file or program:"
                    + " run the command without that, or give the password as one line of the input.");
        }
        return new PasswordQuestion(terminal, System.in);
    }

    private static boolean inputIsTerminal() {
        try {
            return new ProcessBuilder("test", "-t", "0").inheritIO().start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted before the password was asked for", e);
        }
    }

    /**
     * The password.
     *
     * @throws StartFailure if there is none, or the two are not the same
     */
    String ask(String question) {
        String password = terminal.map(console -> askTwice(console, question)).orElseGet(this::line);
        if (password.isBlank()) {
            throw new StartFailure("The password is empty: give one, typed or as one line of the input.");
        }
        return password;
    }

    private static String askTwice(Console console, String question) {
        char[] first = typed(console, question);
        char[] again = typed(console, "The same again");
        if (!Arrays.equals(first, again)) {
            throw new StartFailure("The two passwords are not the same: run the command again.");
        }
        return new String(first);
    }

    private static char[] typed(Console console, String question) {
        return Optional.ofNullable(console.readPassword("%s: ", question)).orElseGet(() -> new char[0]);
    }

    private String line() {
        try {
            byte[] read = input.readNBytes(LONGEST_LINE);
            int end = 0;
            while (end < read.length && read[end] != '\n' && read[end] != '\r') {
                end++;
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(read, 0, end)).toString();
        } catch (CharacterCodingException e) {
            throw new StartFailure("The password on the input is not in UTF-8: convert it, for example with iconv.", e);
        } catch (IOException e) {
            throw new StartFailure("The password cannot be read (" + e.getMessage() + "): give it as one line.", e);
        }
    }
}
