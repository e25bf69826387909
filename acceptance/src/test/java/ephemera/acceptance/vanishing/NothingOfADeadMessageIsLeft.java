package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Tiger;
import ephemera.acceptance.vanishing.Traffic.Fate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The forensic test: of a thousand messages nothing is found on the disk, and when they are over, whoever has an old
 * copy of everything but the keys cannot read them, whatever he writes into it.
 *
 * <p>One server lives through it all. While every message lives, everything is copied; one server on that copy shows
 * that the copy can be read. When all but the lasting messages are over, the rows of the copy are changed so that
 * nothing in it is over, it is given the keys of that moment, and another server is started on it.
 */
class NothingOfADeadMessageIsLeft {
    private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -Djava.io.tmpdir=";
    private static final List<String> FOREVER = List.of(
            "UPDATE epoch SET ends_at = now() + interval '10 days'",
            "UPDATE slice SET ends_at = now() + interval '10 days', destroyed_at = NULL",
            "UPDATE message SET expires_at = now() + interval '10 days', recalled = false",
            "UPDATE notice SET expires_at = now() + interval '10 days'",
            "DELETE FROM burn",
            "DELETE FROM doomed");

    private static final Canaries CANARIES = new Canaries();
    private static final List<String> FOUND = new ArrayList<>();
    private static TemporaryFolder folder;
    private static Path live;
    private static ServerProcess server;
    private static Traffic traffic;
    private static Copy old;
    /** Made just after the copy. */
    private static Path backup;
    private static Control control;
    private static Ending ending;

    /**
     * What must be gone later, by the names that only the database knows, and what must not.
     *
     * @param entries what the deletion record must have in the end
     */
    private record Ending(Set<String> entries, List<String> epochs, List<String> slices, List<String> deadFiles,
            List<String> livingFiles) {

        /** Writes it down while all of it is alive. */
        static Ending of(Sql sql) {
            String files = "SELECT unnest(blobs) FROM message WHERE message_id = ANY (?)";
            Ending ending = new Ending(new TreeSet<>(sql.texts(Sql.WHAT_ENDS_SOON)),
                    sql.texts("SELECT epoch FROM epoch WHERE ends_at <= " + Sql.LAST_END),
                    sql.texts("SELECT lpad(to_hex(slice), 9, '0') FROM slice WHERE ends_at <= " + Sql.LAST_END),
                    sql.texts(files, (Object) Sql.ids(ids(dead()))),
                    sql.texts(files, (Object) Sql.ids(ids(traffic.of(Fate.LIVES)))));
            assertThat(ending.deadFiles).hasSizeGreaterThan(200);
            assertThat(ending.epochs).isNotEmpty();
            return ending;
        }
    }

    /** What a server on the old copy with the old keys gave away. */
    private record Control(int readInTime, List<String> damage) {}

    @BeforeAll
    static void letThemLiveAndDie() throws IOException {
        folder = TemporaryFolder.make();
        live = Files.createDirectories(folder.path().resolve("live"));
        server = launch(live.resolve("data")).withDemo().start();
        traffic = new Traffic(server, CANARIES);
        traffic.sendLasting();
        FOUND.addAll(CANARIES.in(live));
        traffic.sendExpiring();
        // Within the minute that they live.
        old = Copy.ofRunning(server, folder.path().resolve("old"));
        ending = Ending.of(new Sql(server.data()));
        CompletableFuture<Control> reading = CompletableFuture.supplyAsync(
                NothingOfADeadMessageIsLeft::readWithOldKeys, Thread::startVirtualThread);
        traffic.replay();
        backup = folder.path().resolve("old.backup");
        server.commands().run("backup", backup.toString()).expectSuccess();
        traffic.endEarly();
        Instant burning = Instant.now();
        traffic.sendRefused();
        control = reading.join();
        FOUND.addAll(CANARIES.in(old.data()));
        FOUND.addAll(CANARIES.in(unpacked(backup)));
        FOUND.addAll(CANARIES.in(live));
        Instant last = Stream.concat(traffic.of(Fate.EXPIRES).stream().map(Letter::end),
                Stream.of(burning.plusSeconds(60))).max(Comparator.naturalOrder()).orElseThrow();
        Patience.until(last.plusSeconds(1 + 4));
        Sql sql = new Sql(server.data());
        // Slices of two seconds, epochs of four, early deaths within two; rounds of a second, and a busy machine.
        Deadline.until("all that is over is destroyed", Deadline.LONGEST.multipliedBy(3),
                () -> sql.number(Sql.WHAT_IS_LEFT_TO_DO) == 0);
    }

    private static ServerProcess.Launch launch(Path data) throws IOException {
        Path temporary = Files.createDirectories(data.resolveSibling("tmp"));
        return ServerProcess.Launch.on(data).with(
                "--set", "vault.slice.short=2s", "--set", "vault.epoch.narrowest=4s", "--set",
                "vault.early-death=2s",
                "--set", "limits.attachment=" + Traffic.LARGEST_FILE)
                .withEnvironment(Map.of("EPHEMERA_JAVA_OPTS", SHORT_LIVED + temporary));
    }

    /**
     * Reads everything from a copy of the copy: of what expires those whose end is farthest first, and what is read in
     * time must be whole.
     */
    private static Control readWithOldKeys() {
        List<String> damage = new ArrayList<>();
        int readInTime = 0;
        try {
            Copy copy = Copy.of(old.data(), Files.createDirectories(folder.path().resolve("control")).resolve("data"));
            try (ServerProcess reading = launch(copy.data()).start()) {
                for (Letter each : traffic.of(Fate.EXPIRES).reversed()) {
                    Optional<String> wrong = each.damage(reading.url());
                    if (Instant.now().isBefore(each.end())) {
                        wrong.ifPresent(damage::add);
                        readInTime++;
                    }
                }
                for (Fate fate : List.of(Fate.RECALLED, Fate.BURNT)) {
                    traffic.of(fate).forEach(each -> each.damage(reading.url()).ifPresent(damage::add));
                }
                reading.killBoth();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Control(readInTime, damage);
    }

    private static List<Letter> dead() {
        return Stream.of(Fate.RECALLED, Fate.BURNT, Fate.EXPIRES).flatMap(fate -> traffic.of(fate).stream())
                .toList();
    }

    private static List<String> ids(List<Letter> letters) {
        return letters.stream().map(Letter::id).toList();
    }

    @AfterAll
    static void remove() {
        if (server != null) {
            server.close();
        }
        folder.close();
    }

    @Test
    void noByteOfContentIsEverOnTheDisk() {
        assertThat(dead().size() + traffic.of(Fate.LIVES).size()).isEqualTo(1_000);
        assertThat(CANARIES.count()).isGreaterThan(2_000);
        FOUND.addAll(CANARIES.in(live));
        assertThat(FOUND).isEmpty();
    }

    @Test
    void noRowPartitionFileOrKeyOfTheDeadIsLeft() throws IOException {
        Sql sql = new Sql(server.data());
        assertThat(sql.texts("SELECT message_id FROM message WHERE message_id = ANY (?)",
                (Object) Sql.ids(ids(traffic.of(Fate.EXPIRES))))).isEmpty();
        assertThat(sql.texts("SELECT message_id FROM message WHERE message_id = ANY (?) AND content IS NOT NULL",
                (Object) Sql.ids(ids(dead())))).isEmpty();
        assertThat(sql.texts("SELECT message_id FROM doomed UNION SELECT message_id FROM delivery")).isEmpty();
        assertThat(sql.texts(Sql.STRAY_PARTITIONS)).isEmpty();
        assertThat(sql.texts("SELECT epoch FROM epoch")).doesNotContainAnyElementsOf(ending.epochs());
        Set<String> expired = Set.copyOf(ids(traffic.of(Fate.EXPIRES)));
        assertThat(sql.texts("SELECT detail FROM notice")).noneMatch(detail -> expired.stream()
                .anyMatch(detail::contains));
        Set<String> names = names(live);
        assertThat(names).containsAll(ending.livingFiles()).doesNotContainAnyElementsOf(ending.deadFiles())
                .doesNotContainAnyElementsOf(ending.epochs()).doesNotContainAnyElementsOf(ending.slices());
        assertThat(names(old.data())).containsAll(ending.livingFiles()).containsAll(ending.deadFiles())
                .containsAll(ending.epochs())
                .containsAll(ending.slices());
    }

    @Test
    void eachDestructionIsRecordedOnce() {
        List<String> entries = new Sql(server.data()).texts(Sql.RECORD);
        assertThat(entries).doesNotHaveDuplicates().containsAll(ending.entries());
        assertThat(entries.stream().filter(each -> each.startsWith("MESSAGE"))).containsExactlyInAnyOrderElementsOf(
                Stream.of(Fate.RECALLED, Fate.BURNT).flatMap(fate -> traffic.of(fate).stream())
                        .map(letter -> "MESSAGE " + letter.id()).toList());
    }

    @Test
    void whileTheyLivedTheCopyCouldBeReadWithItsKeys() {
        assertThat(control.damage()).isEmpty();
        assertThat(control.readInTime()).isPositive();
    }

    @Test
    void oldCopyWithTodaysKeysTellsNothingButWhatLives() throws IOException {
        Copy attacked =
                Copy.of(old.data(), Files.createDirectories(folder.path().resolve("attack")).resolve("data"));
        attacked.takeKeysOf(server.data());
        // A server would refuse what has expired by the time in its id alone: that the keys are gone is seen by name.
        assertThat(names(attacked.data())).containsAll(ending.epochs()).doesNotContainAnyElementsOf(ending.slices());
        try (StolenDatabase stolen = new StolenDatabase(attacked)) {
            FOREVER.forEach(statement -> stolen.sql().change(statement));
        }
        try (ServerProcess attack = launch(attacked.data()).start()) {
            // All of it is there, and nothing of it is over by the rows.
            assertThat(new Sql(attacked.data()).number("""
                    SELECT count(*) FROM message
                     WHERE message_id = ANY (?) AND content IS NOT NULL AND NOT recalled AND expires_at > now()
                    """, (Object) Sql.ids(ids(dead())))).isEqualTo(dead().size());
            assertThat(names(attacked.data().resolve("blobs"))).containsAll(ending.deadFiles());
            assertOnlyTheLivingAreRead(attack.url());
            attack.killBoth();
        }
    }

    @Test
    void restoreOfAnOldBackupBringsBackWhatLivesAndNothingElse() throws IOException {
        Path keys = folder.path().resolve("today.keys");
        server.commands().run("backup-keys", keys.toString()).expectSuccess();
        Path restored = Files.createDirectories(folder.path().resolve("restored")).resolve("data");
        Commands.on(restored).run("restore", "--backup", backup.toString(), "--keys", keys.toString())
                .expectSuccess();
        try (ServerProcess attack = launch(restored).start()) {
            assertOnlyTheLivingAreRead(attack.url());
            assertThat(CANARIES.in(restored)).isEmpty();
            attack.killBoth();
        }
    }

    /** What is in an archive, which may be packed, as files. */
    private static Path unpacked(Path archive) throws IOException {
        Path place = Files.createDirectories(archive.resolveSibling(archive.getFileName() + ".unpacked"));
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            int number = 0;
            for (ZipEntry entry : zip.stream().toList()) {
                try (InputStream content = zip.getInputStream(entry)) {
                    Files.copy(content, place.resolve(Integer.toString(number++)));
                }
            }
            assertThat(number).isGreaterThan(2);
        }
        return place;
    }

    private static void assertOnlyTheLivingAreRead(URI attack) {
        assertThat(traffic.of(Fate.LIVES)).as("living messages").allSatisfy(
                each -> assertThat(each.damage(attack)).isEmpty());
        assertThat(dead()).as("dead messages").allSatisfy(each -> assertThat(each.remains(attack)).isEmpty());
        List<String> secrets = dead().stream().flatMap(Letter::secrets).toList();
        for (Credentials person : traffic.people()) {
            String replayed = Tiger.at(attack).as(person).call("GET", "/v2/events",
                    Map.of("Accept", "text/event-stream", "TT-X-Features", "close-after-messages"), new byte[0])
                    .text();
            assertThat(secrets).as("what a stream tells").noneMatch(replayed::contains);
            assertThat(traffic.of(Fate.LIVES)).anyMatch(each -> replayed.contains(each.draft().body()));
        }
    }

    private static Set<String> names(Path parent) throws IOException {
        try (Stream<Path> all = Files.walk(parent)) {
            return all.map(each -> each.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
