package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.directory.Enrolment.Newcomer;
import ephemera.core.directory.Person;
import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PeopleFileIsReadStrictly {

    private static PeopleFile.Entry entry(int line, String name, String email, String phone) {
        return new PeopleFile.Entry(
                line,
                new Newcomer(
                        name,
                        Optional.of(email).filter(text -> !text.isEmpty()),
                        Optional.of(phone).filter(text -> !text.isEmpty()),
                        Optional.empty(),
                        Person.Standing.MEMBER));
    }

    static Stream<Arguments> read() {
        PeopleFile.Entry ann = entry(1, "Ann", "a@b.c", "");
        return Stream.of(
                row("Ann,a@b.c", ann),
                row("Ann,a@b.c,", ann),
                row("\uFEFFAnn,a@b.c,\r\n", ann),
                row(" Ann , a@b.c ,  \n", ann),
                row("Ann,a@b.c\rBob,,123 45 67\r", ann, entry(2, "Bob", "", "123 45 67")),
                row("Ann,a@b.c\n\n,,\n  \nBob,,1234567", ann, entry(5, "Bob", "", "1234567")),
                row("\"Ann\",\"a@b.c\"", ann),
                row("\"Lee, \"\"Ann\"\"\",a@b.c", entry(1, "Lee, \"Ann\"", "a@b.c", "")),
                row(
                        "\"Ann\r\nLee\",a@b.c\r\nBob,b@b.c",
                        entry(1, "Ann\nLee", "a@b.c", ""), entry(3, "Bob", "b@b.c", "")),
                row("\"\",a@b.c", entry(1, "", "a@b.c", "")),
                row("name,email,phone\nAnn,a@b.c,1234567", entry(2, "Ann", "a@b.c", "1234567")),
                row("Phone Number,E-MAIL,Name\n1234567,a@b.c,Ann", entry(2, "Ann", "a@b.c", "1234567")),
                row("phone,name\n1234567,Ann", entry(2, "Ann", "", "1234567")),
                row("Zo\u00eb,z@b.c", entry(1, "Zo\u00eb", "z@b.c", "")));
    }

    private static Arguments row(String text, PeopleFile.Entry... entries) {
        return Arguments.of(text, Arrays.asList(entries));
    }

    @ParameterizedTest
    @MethodSource
    void read(String text, List<PeopleFile.Entry> entries) {
        assertThat(PeopleFile.parse(text, "p.csv").entries()).isEqualTo(entries);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("", "p.csv holds nobody"),
                Arguments.of("name,email\n", "p.csv holds nobody"),
                Arguments.of("name,email,title\nA,a@b.c,Dr", "line 1: \"title\" is not one of the columns"),
                Arguments.of("\nname;email\nA;a@b.c", "line 2: cells are to be separated by commas"),
                Arguments.of("Ann\ta@b.c", "line 1: cells are to be separated by commas"),
                Arguments.of("name,email,e-mail\n", "line 1: the column \"e-mail\" is there twice"),
                Arguments.of("email,phone\n", "line 1: the columns name and e-mail or phone are needed"),
                Arguments.of("name\nAnn", "line 1: the columns name and e-mail or phone are needed"),
                Arguments.of("A,a@b.c\nLee, Ann,b@b.c,1234567", "line 2: there are 4 cells and only 3 columns"),
                Arguments.of("name,email\nA,a@b.c,", "line 2: there are 3 cells and only 2 columns"),
                Arguments.of("A,a@b.c\n\"B,b@b.c\nC,c@b.c\n", "line 2: a quote is opened and never closed"),
                Arguments.of("A\0,\0a@b.c", "it holds zeros"),
                Arguments.of("A \"B\",a@b.c", "line 1: a quote must stand around a whole cell"),
                Arguments.of("\"A\nA\" B,a@b.c", "line 2: a quote must stand around a whole cell"),
                Arguments.of("A,a@b.c\nB,A@B.C", "line 2: a@b.c stands in line 1 too"),
                Arguments.of("A,,123 45 67\nB,,+123-4567", "line 2: +1234567 stands in line 1 too"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(String text, String sentence) {
        assertThatThrownBy(() -> PeopleFile.parse(text, "p.csv"))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(sentence)
                .hasMessageStartingWith("p.csv")
                .hasMessageEndingWith(".");
    }

    @Test
    void inUtf8Only(@TempDir Path temp) throws IOException {
        Path file = temp.resolve("p.csv");
        Files.write(file, "Zo\u00eb,z@b.c".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PeopleFile.read(file)).isInstanceOf(StartFailure.class)
                .hasMessage(file + " is not in UTF-8: save it as \"CSV UTF-8\".");
        Files.writeString(file, "Zo\u00eb,z@b.c");
        assertThat(PeopleFile.read(file).entries()).containsExactly(entry(1, "Zo\u00eb", "z@b.c", ""));
    }

    @Test
    void andMustBeThere(@TempDir Path temp) {
        for (Path file : List.of(temp.resolve("missing.csv"), temp)) {
            assertThatThrownBy(() -> PeopleFile.read(file)).isInstanceOf(StartFailure.class)
                    .hasMessageContaining(file.toString());
        }
    }
}
