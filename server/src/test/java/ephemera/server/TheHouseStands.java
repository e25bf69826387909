package ephemera.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import ephemera.core.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The modules, packages and arrows of ARCHITECTURE.md hold in the compiled classes, and the sources keep their bounds.
 *
 * <p>Each rule is a field; a rule about a package that is still empty passes.
 */
final class TheHouseStands {
    private static final String CORE = "ephemera.core..";
    private static final String WIRING = "ephemera.server";
    private static final String HTTP = "ephemera.server.http..";
    private static final String DOORS = "ephemera.server.door..";
    private static final String STORE = "ephemera.server.store..";
    private static final String KEYS = "ephemera.server.keys..";
    private static final String CHANNELS = "ephemera.server.channel..";
    private static final String CLUSTER = "ephemera.server.cluster..";
    private static final String WATCH = "ephemera.server.watch..";
    private static final String CLI = "ephemera.server.cli..";

    private static final int MOST_LINES = 450;

    static final ArchRule CORE_KNOWS_ONLY_JAVA = classes().that().resideInAPackage(CORE)
            .should().onlyDependOnClassesThat().resideInAnyPackage(CORE, "java..", "javax.crypto..")
            .because("the rules of messaging must outlive every library and every server");

    static final ArchRule ARROWS_INSIDE_THE_CORE_RUN_DOWN = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("inbox").definedBy("ephemera.core.inbox..")
            .layer("outreach").definedBy("ephemera.core.outreach..")
            .layer("talk").definedBy("ephemera.core.talk..")
            .layer("directory").definedBy("ephemera.core.directory..")
            .layer("vault").definedBy("ephemera.core.vault..")
            .layer("ground").definedBy("ephemera.core")
            .whereLayer("inbox").mayNotBeAccessedByAnyLayer()
            .whereLayer("outreach").mayNotBeAccessedByAnyLayer()
            .whereLayer("talk").mayOnlyBeAccessedByLayers("inbox", "outreach")
            .whereLayer("directory").mayOnlyBeAccessedByLayers("talk", "inbox", "outreach")
            .whereLayer("vault").mayOnlyBeAccessedByLayers("talk", "inbox", "outreach")
            .whereLayer("ground").mayNotAccessAnyLayer()
            .because("each room can then be understood with only the rooms below it in mind");

    static final ArchRule NO_CYCLES_INSIDE_THE_CORE = slices().matching("ephemera.core.(*)..")
            .should().beFreeOfCycles()
            .because("rooms that know each other in a circle are one room");

    static final ArchRule NO_CYCLES_INSIDE_THE_SERVER = slices().matching("ephemera.server.(*)..")
            .should().beFreeOfCycles()
            .because("rooms that know each other in a circle are one room; wiring alone knows all of them");

    static final ArchRule DOORS_DO_NOT_KNOW_EACH_OTHER = slices().matching("ephemera.server.door.(*)..")
            .should().notDependOnEachOther()
            .because("a wire contract must change without moving another one");

    static final ArchRule DOORS_REACH_THE_WORLD_THROUGH_THE_CORE = noClasses().that().resideInAPackage(DOORS)
            .should().dependOnClassesThat().resideInAnyPackage(STORE, CHANNELS, CLUSTER)
            .because("a door translates, and a door that reads the store itself has begun to decide");

    static final ArchRule THE_WORLD_KNOWS_NO_DOOR = noClasses().that().resideInAnyPackage(STORE, CHANNELS, CLUSTER)
            .should().dependOnClassesThat().resideInAnyPackage(DOORS, HTTP)
            .because("what is stored and sent is the same for every door");

    static final ArchRule VERTX_STAYS_AT_THE_EDGE = noClasses().that()
            .resideOutsideOfPackages(HTTP, DOORS, WIRING, WATCH)
            .should().dependOnClassesThat().resideInAnyPackage("io.vertx..", "io.netty..")
            .because("everything behind the edge is plain blocking Java on virtual threads");

    static final ArchRule JSON_STAYS_AT_THE_EDGE = noClasses().that().resideOutsideOfPackages(HTTP, DOORS, STORE, CLI)
            .should().dependOnClassesThat().resideInAnyPackage("tools.jackson..", "com.fasterxml.jackson..")
            .because("a type that is domain, wire record and row at once can change for none of them");

    static final ArchRule SQL_STAYS_IN_THE_STORE = noClasses().that().resideOutsideOfPackages(STORE, KEYS, WIRING)
            .should().dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..", "com.zaxxer..", "org.flywaydb..")
            .because("one place knows the tables; those of the keys are in another database");

    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS = noClasses().that().resideOutsideOfPackage(CLI)
            .should(ACCESS_STANDARD_STREAMS)
            .because("what the server has to say goes through the log, which never holds content or secrets");

    static final ArchRule NAMES_COME_FROM_THE_FIELD = noClasses().that()
            .areNotAssignableTo(LogManager.class)
            .should().haveNameMatching(".*(Manager|Helper|Utils?|Impl|DTO|Dto)")
            .because("such a name says where a class was put, not what it is");

    @TestFactory
    Stream<DynamicTest> everyRuleHolds() {
        // The names in our own classes suffice; the libraries behind them need not be read.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("ephemera");
        assertThat(classes.contain(StartFailure.class)).as("the classes of the server were found").isTrue();
        assertThat(classes.contain(Limits.class)).as("the classes of the core were found").isTrue();
        return Arrays.stream(TheHouseStands.class.getDeclaredFields())
                .filter(field -> field.getType() == ArchRule.class)
                .map(field -> DynamicTest.dynamicTest(field.getName().toLowerCase(Locale.ROOT).replace('_', ' '),
                        () -> ((ArchRule) field.get(null)).allowEmptyShould(true).check(classes)));
    }

    @Test
    void noSourceFileIsTooLongToRead() throws IOException {
        assertThat(sources("src/main/java"))
                .allSatisfy(file -> assertThat(Files.readAllLines(file)).hasSizeLessThanOrEqualTo(MOST_LINES));
    }

    @Test
    void everyPackageSaysWhatItGuards() throws IOException {
        assertThat(sources("src/main/java").stream().map(Path::getParent).distinct())
                .allSatisfy(folder -> assertThat(folder.resolve("package-info.java")).content().contains("/**"));
    }

    /** The Java files of every module below a folder such as {@code src/main/java}. */
    private static List<Path> sources(String folder) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String module : List.of("core", "server", "acceptance")) {
            try (Stream<Path> files = Files.walk(house().resolve(module).resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
            }
        }
        assertThat(found).as("sources in " + house()).isNotEmpty();
        return found;
    }

    /** The folder of all modules; tests run in the folder of one module, or, in some editors, in this one. */
    private static Path house() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("core")) ? here : here.resolve("..").normalize();
    }
}
