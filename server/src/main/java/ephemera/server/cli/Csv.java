package ephemera.server.cli;

import ephemera.server.StartFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads comma-separated values as RFC 4180 defines them; lines may end in CR LF, LF or CR.
 *
 * <p>A cell in quotes may hold commas, line ends and, doubled, quotes. A quote anywhere else is refused.
 */
final class Csv {

    private static final int END = -1;

    private final String text;
    private final String source;
    private int at;
    private int line = 1;

    private Csv(String text, String source) {
        this.text = text;
        this.source = source;
    }

    /**
     * A record of the file.
     *
     * @param line the number of the line that it begins on, from 1
     * @param cells its cells, as they were written
     */
    record Row(int line, List<String> cells) {

        /** Whether there is nothing in it. */
        boolean isBlank() {
            return cells.stream().allMatch(String::isBlank);
        }
    }

    /**
     * The records of a text, without blank ones.
     *
     * @param source what the text is called in failures
     * @throws StartFailure if it is no text, or if quotes are wrong, with the line
     */
    static List<Row> read(String text, String source) {
        // Spreadsheets begin a file in UTF-8 with a byte order mark.
        Csv csv = new Csv(text.startsWith("\uFEFF") ? text.substring(1) : text, source);
        if (text.indexOf('\0') >= 0) {
            throw new StartFailure(source + " is not a text: it holds zeros; save it as \"CSV UTF-8\".");
        }
        List<Row> rows = new ArrayList<>();
        while (csv.peek() != END) {
            Row row = csv.row();
            if (!row.isBlank()) {
                rows.add(row);
            }
        }
        return rows;
    }

    private int peek() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private Row row() {
        int begin = line;
        List<String> cells = new ArrayList<>();
        cells.add(cell());
        while (peek() == ',') {
            at++;
            cells.add(cell());
        }
        if (peek() == '"') {
            throw wrong(line, "a quote must stand around a whole cell, and be doubled within");
        }
        lineEnd();
        return new Row(begin, cells);
    }

    private void lineEnd() {
        if (peek() == '\r') {
            at++;
            if (peek() != '\n') {
                line++;
                return;
            }
        }
        if (peek() == '\n') {
            at++;
            line++;
        }
    }

    private String cell() {
        if (peek() == '"') {
            return quoted();
        }
        int begin = at;
        while (peek() != END && ",\r\n\"".indexOf(peek()) < 0) {
            at++;
        }
        return text.substring(begin, at);
    }

    private String quoted() {
        int begin = line;
        StringBuilder cell = new StringBuilder();
        at++;
        while (true) {
            int next = peek();
            if (next == END) {
                throw wrong(begin, "a quote is opened and never closed");
            }
            if (next == '"') {
                at++;
                if (peek() != '"') {
                    return closed(cell);
                }
                cell.append('"');
                at++;
            } else if (next == '\r' || next == '\n') {
                cell.append('\n');
                lineEnd();
            } else {
                cell.append((char) next);
                at++;
            }
        }
    }

    private String closed(StringBuilder cell) {
        if (peek() != END && ",\r\n".indexOf(peek()) < 0) {
            throw wrong(line, "a quote must stand around a whole cell, and be doubled within");
        }
        return cell.toString();
    }

    private StartFailure wrong(int number, String what) {
        return new StartFailure(source + ", line " + number + ": " + what + ".");
    }
}
