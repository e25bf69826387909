package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What was said in a group goes when the group is deleted, and when its last member leaves it: from every stream and
 * every call at once, from the disk within the bound of early deaths, and from an old backup with today's keys.
 */
class NothingOfADeletedGroupIsLeft {
    private static final Canaries CANARIES = new Canaries();
    private static TemporaryFolder folder;
    private static Path live;
    private static ServerProcess server;
    private static Credentials creator;
    private static Credentials member;
    private static Credentials outsider;
    private static Path backup;
    /** Of a group that was deleted, and of one that everybody left. */
    private static List<Letter> gone;
    /** The names of the file of the first of them. */
    private static List<String> files;
    private static Letter forwarded;
    private static Letter direct;
    private static String between;

    @BeforeAll
    static void deleteOneGroupAndLeaveAnother() throws IOException {
        folder = TemporaryFolder.make();
        live = Files.createDirectories(folder.path().resolve("live"));
        server = launch(live.resolve("data")).withDemo().start();
        List<Credentials> people = server.commands().importPeople(server.demo().organization(), "member", 3);
        creator = people.get(0);
        member = people.get(1);
        outsider = people.get(2);
        String deleted = as(creator).createGroup("Plan", member.token()).expect(200).groupToken();
        String left = as(creator).createGroup("Other plan", member.token()).expect(200).groupToken();
        Draft withFile = Draft.to(deleted, CANARIES.fresh() + " is the plan")
                .withAttachment(CANARIES.fresh() + ".txt", "text/plain", file())
                .withTtl(600);
        gone = List.of(
                Letter.send(server.url(), creator, member, withFile),
                Letter.send(server.url(), member, creator, Draft.to(deleted, CANARIES.fresh()).withTtl(600)),
                Letter.send(server.url(), creator, member, Draft.to(left, CANARIES.fresh()).withTtl(600)),
                Letter.send(server.url(), creator, member, Draft.to(deleted, CANARIES.fresh()).withTtl(600)));
        forwarded = gone.getLast().forward(server.url(), outsider);
        direct = Letter.send(server.url(), creator, member, Draft.to(member.token(), CANARIES.fresh()).withTtl(600));
        assertThat(gone).allSatisfy(letter -> assertThat(letter.damage(server.url())).isEmpty());
        files = new Sql(server.data()).texts(
                "SELECT unnest(blobs) FROM message WHERE message_id = ANY (?)",
                (Object) Sql.ids(List.of(gone.getFirst().id())));
        assertThat(files).hasSize(1);
        backup = folder.path().resolve("old.backup");
        server.commands().run("backup", backup.toString()).expectSuccess();

        as(creator).deleteGroup(deleted).expect(204);
        as(creator).leave(left, "group").expect(204);
        as(member).leave(left, "group").expect(204);
        // At this moment, whatever the server does in the next second.
        between = Stream.of(creator, member).map(each -> replay(server, each)).reduce("", String::concat);
        assertThat(gone).allSatisfy(letter -> assertThat(letter.remains(server.url())).isEmpty());
        Sql sql = new Sql(server.data());
        Deadline.until("its messages are destroyed", Deadline.LONGEST.multipliedBy(2), () -> sql.number(
                "SELECT count(*) FROM deletion WHERE kind = 'MESSAGE' AND reason = 'REMOVED'") == gone.size());
    }

    private static ServerProcess.Launch launch(Path data) {
        return ServerProcess.Launch.on(data).with("--set", "vault.early-death=2s");
    }

    private static Tiger as(Credentials person) {
        return Tiger.at(server.url()).as(person);
    }

    private static byte[] file() {
        return (CANARIES.fresh() + "\n").repeat(2_000).getBytes(StandardCharsets.US_ASCII);
    }

    /** What was said and not passed on. */
    private static List<String> secrets() {
        return gone.subList(0, gone.size() - 1).stream().flatMap(Letter::secrets).toList();
    }

    /** All that somebody's stream tells from the beginning. */
    private static String replay(ServerProcess from, Credentials person) {
        return Tiger.at(from.url()).as(person).call("GET", "/v2/events",
                Map.of("Accept", "text/event-stream", "TT-X-Features", "close-after-messages"), new byte[0]).text();
    }

    @AfterAll
    static void remove() {
        if (server != null) {
            server.close();
        }
        folder.close();
    }

    @Test
    void noCallAndNoStreamServesIt() {
        List<String> secrets = secrets();
        assertThat(secrets).noneMatch(between::contains);
        assertThat(between).contains(direct.draft().body());
        assertThat(gone).allSatisfy(letter -> {
            assertThat(letter.remains(server.url())).isEmpty();
            as(letter.sender()).messageStatus(letter.id()).expect(404);
        });
        for (Credentials each : List.of(creator, member)) {
            String replayed = replay(server, each);
            assertThat(secrets).noneMatch(replayed::contains);
            try (EventStream stream = as(each).events().untilLive()) {
                assertThat(stream.messages()).extracting(Event::messageId).contains(direct.id())
                        .doesNotContainAnyElementsOf(gone.stream().map(Letter::id).toList());
            }
        }
    }

    @Test
    void noRowFileOrKeyOfItIsLeft() throws IOException {
        Sql sql = new Sql(server.data());
        Object ids = Sql.ids(gone.stream().map(Letter::id).toList());
        assertThat(sql.texts("SELECT message_id FROM message WHERE message_id = ANY (?) AND content IS NOT NULL", ids))
                .isEmpty();
        assertThat(sql.texts("SELECT message_id FROM doomed")).isEmpty();
        try (Stream<Path> all = Files.walk(live)) {
            assertThat(all.map(each -> each.getFileName().toString())).doesNotContainAnyElementsOf(files);
        }
        assertThat(sql.texts("SELECT subject FROM deletion WHERE reason = 'REMOVED'"))
                .containsExactlyInAnyOrderElementsOf(gone.stream().map(Letter::id).toList());
        assertThat(sql.texts("SELECT name FROM conversation WHERE name IN ('Plan', 'Other plan')")).isEmpty();
        assertThat(CANARIES.in(live)).isEmpty();
        server.commands().run("doctor").expectSuccess();
    }

    @Test
    void whatWasForwardedOutOfItOrSaidElsewhereLives() {
        assertThat(forwarded.damage(server.url())).isEmpty();
        assertThat(direct.damage(server.url())).isEmpty();
    }

    @Test
    void anOldBackupWithTodaysKeysBringsTheGroupBackAndNothingOfWhatWasSaid() throws IOException {
        Path keys = folder.path().resolve("today.keys");
        server.commands().run("backup-keys", keys.toString()).expectSuccess();
        Path restored = Files.createDirectories(folder.path().resolve("restored")).resolve("data");
        Commands.on(restored).run("restore", "--backup", backup.toString(), "--keys", keys.toString())
                .expectSuccess();
        try (ServerProcess attack = launch(restored).start()) {
            assertThat(gone).allSatisfy(letter -> assertThat(letter.remains(attack.url())).isEmpty());
            String replayed = replay(attack, member);
            assertThat(secrets()).noneMatch(replayed::contains);
            assertThat(direct.damage(attack.url())).isEmpty();
            assertThat(forwarded.damage(attack.url())).isEmpty();
            attack.killBoth();
        }
    }
}
