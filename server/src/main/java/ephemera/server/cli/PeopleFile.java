package ephemera.server.cli;

import ephemera.core.directory.Address;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.Person;
import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A file of people: comma-separated values in UTF-8, with the columns name, e-mail and phone.
 *
 * <p>A first line that names the columns may put them in any order and leave out one of the addresses.
 *
 * @param source what the file is called in failures
 * @param entries who stands in it, in its order
 */
record PeopleFile(String source, List<Entry> entries) {

    /**
     * Somebody who stands in the file.
     *
     * @param line the number of the line, from 1
     * @param newcomer who it is, with addresses as they were written
     */
    record Entry(int line, Enrolment.Newcomer newcomer) {}

    private enum Column {
        NAME,
        EMAIL,
        PHONE;

        /** The column that a header means, if it is one: letters count, {@code E-Mail} is {@code email}. */
        private static Optional<Column> named(String header) {
            return switch (header.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "")) {
                case "name" -> Optional.of(NAME);
                case "email", "emailaddress" -> Optional.of(EMAIL);
                case "phone", "phonenumber" -> Optional.of(PHONE);
                default -> Optional.empty();
            };
        }
    }

    /**
     * Reads a file.
     *
     * @throws StartFailure if it cannot be read or is not such a file, with the line
     */
    static PeopleFile read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return parse(text, file.toString());
        } catch (CharacterCodingException e) {
            throw new StartFailure(file + " is not in UTF-8: save it as \"CSV UTF-8\".", e);
        } catch (NoSuchFileException e) {
            throw new StartFailure("There is no file " + file + ": name the file of people.", e);
        } catch (IOException e) {
            throw new StartFailure(file + " cannot be read (" + e.getMessage() + "): name a file of yours.", e);
        }
    }

    /** Reads a text; {@link #read} for what may go wrong. */
    static PeopleFile parse(String text, String source) {
        List<Csv.Row> rows = Csv.read(text, source);
        boolean headed = !rows.isEmpty()
                && rows.getFirst().cells().stream().anyMatch(cell -> Column.named(cell).isPresent());
        Map<Column, Integer> columns = headed ? header(rows.getFirst(), source) : usual();
        List<Entry> entries = new ArrayList<>();
        Map<Address, Integer> lines = new HashMap<>();
        for (Csv.Row row : rows.subList(headed ? 1 : 0, rows.size())) {
            Entry entry = entry(row, columns, source);
            requireNew(entry, lines, source);
            entries.add(entry);
        }
        if (entries.isEmpty()) {
            throw new StartFailure(source + " holds nobody: each line is to hold a name, an e-mail address and a phone"
                    + " number, separated by commas.");
        }
        return new PeopleFile(source, entries);
    }

    private static Map<Column, Integer> usual() {
        Map<Column, Integer> columns = new EnumMap<>(Column.class);
        for (Column column : Column.values()) {
            columns.put(column, columns.size());
        }
        return columns;
    }

    private static Map<Column, Integer> header(Csv.Row row, String source) {
        Map<Column, Integer> columns = new EnumMap<>(Column.class);
        for (int i = 0; i < row.cells().size(); i++) {
            String cell = row.cells().get(i).strip();
            Column column = Column.named(cell).orElseThrow(() -> wrong(source, row.line(), "\"" + cell
                    + "\" is not one of the columns name, e-mail and phone"));
            if (columns.put(column, i) != null) {
                throw wrong(source, row.line(), "the column \"" + cell + "\" is there twice");
            }
        }
        if (!columns.containsKey(Column.NAME) || columns.size() == 1) {
            throw wrong(source, row.line(), "the columns name and e-mail or phone are needed");
        }
        return columns;
    }

    private static Entry entry(Csv.Row row, Map<Column, Integer> columns, String source) {
        if (row.cells().size() == 1 && row.cells().getFirst().matches("(?s).*[;\\t].*")) {
            throw wrong(source, row.line(), "cells are to be separated by commas, not by semicolons or tabs");
        }
        if (row.cells().size() > columns.size()) {
            throw wrong(source, row.line(), "there are " + row.cells().size() + " cells and only " + columns.size()
                    + " columns: put what has a comma in it between quotes");
        }
        return new Entry(
                row.line(),
                new Enrolment.Newcomer(
                        cell(row, columns, Column.NAME).orElse(""),
                        cell(row, columns, Column.EMAIL),
                        cell(row, columns, Column.PHONE),
                        Optional.empty(),
                        Person.Standing.MEMBER));
    }

    private static Optional<String> cell(Csv.Row row, Map<Column, Integer> columns, Column column) {
        return Optional.ofNullable(columns.get(column))
                .filter(index -> index < row.cells().size())
                .map(index -> row.cells().get(index).strip())
                .filter(text -> !text.isEmpty());
    }

    private static void requireNew(Entry entry, Map<Address, Integer> lines, String source) {
        for (Optional<String> text : List.of(entry.newcomer().email(), entry.newcomer().phone())) {
            text.flatMap(Address::parse).ifPresent(address -> {
                Integer before = lines.putIfAbsent(address, entry.line());
                if (before != null) {
                    throw wrong(source, entry.line(), address.text() + " stands in line " + before + " too");
                }
            });
        }
    }

    private static StartFailure wrong(String source, int line, String what) {
        return new StartFailure(source + ", line " + line + ": " + what + ".");
    }
}
