package ephemera.server.store;

import static ephemera.server.store.Office.assertRefused;
import static ephemera.server.store.Office.id;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Client;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Fingerprint;
import ephemera.core.directory.Scope;
import ephemera.core.talk.Allowance;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that wait for their messages cannot fill the disk: nobody has more of them than allowed, at any moment. */
@Timeout(120)
class WaitingUploadsAreBounded {

    private static final int MOST = 100_000;
    private static final int MOST_OF_A_CLIENT = 250_000;

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Office office;
    private Uploads uploads;
    private Limits limits;
    private Caller ann;
    private Caller ben;

    @BeforeEach
    void open() throws IOException {
        office = new Office(data.resolve("house"), own);
        Limits usual = Limits.DEFAULT;
        limits = usual.with(
                usual.bodyBytes(), 1_000, MOST, MOST, MOST_OF_A_CLIENT, usual.groupMembers(), usual.topicMembers(),
                usual.streamsPerPerson(), usual.streamBuffer());
        uploads = uploads();
        ann = office.caller();
        ben = office.caller();
    }

    /** The use cases as another server has them. */
    private Uploads uploads() {
        Node node = office.house.node;
        return new Uploads(
                new Directory(node.people, Office.IDS, limits), office.shelf, office.reading, office.house.blobs,
                Household.GRID, Clock.systemUTC(), limits);
    }

    @AfterEach
    void close() {
        office.close();
        own.close();
    }

    private Upload upload(Caller who, int bytes) {
        return uploads.upload(who, office.stored("secret plan.txt", new byte[bytes]), "{\"notes\":\"hush\"}");
    }

    private void assertNoRoom(Caller who, int bytes) {
        assertRefused(Failure.TOO_MUCH_WAITING, () -> upload(who, bytes));
    }

    private long rows() {
        return office.house.node.number("SELECT count(*) FROM upload WHERE content IS NOT NULL");
    }

    /** How many files there are, wherever. */
    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(office.house.files())) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    /** The same person through an application. */
    private static Caller through(Client client, Caller person) {
        return new Caller(person.person(), person.credential(), Scope.WRITE, Optional.of(client));
    }

    private static Client client(Caller acting) {
        return new Client(
                new ClientId(Office.IDS.random()), acting.organization(), "Books", acting.id(),
                Fingerprint.of("secret"), Set.of());
    }

    @Test
    void forEachPerson() throws IOException {
        upload(ann, 60_000);
        assertNoRoom(ann, 40_001);
        assertThat(rows()).isOne();
        assertThat(files()).as("what was refused is gone").isOne();
        upload(ann, 40_000);
        assertNoRoom(ann, 1);
        upload(ben, MOST);
        assertNoRoom(ben, 1);
        assertThat(files()).isEqualTo(3);
    }

    @Test
    void forEachApplicationWhomeverItActsFor() {
        Client books = client(ann);
        Caller cleo = office.caller();
        upload(through(books, ann), MOST);
        upload(through(books, ben), MOST);
        assertNoRoom(through(books, cleo), 50_001);
        upload(through(books, cleo), 50_000);
        upload(through(client(ann), cleo), 50_000);
        assertNoRoom(through(client(ann), cleo), 1);
    }

    @Test
    void andManySmallOnesCountAsWhatTheyTake() {
        for (int i = 0; i < MOST / 4_096; i++) {
            upload(ann, 1);
        }
        assertNoRoom(ann, 1);
    }

    @Test
    void untilAMessageTakesThem() {
        Upload upload = upload(ann, MOST);
        assertNoRoom(ann, 1);
        office.sending.send(ann, Office.draft(ben, List.of(), "", id(upload)));
        upload(ann, MOST);
        assertNoRoom(ann, 1);
    }

    @Test
    void orTheyAreDeleted() {
        Upload upload = upload(ann, MOST);
        uploads.describe(ann, id(upload), _ -> "{\"notes\":\"something else\"}");
        assertNoRoom(ann, 1);
        uploads.delete(ann, id(upload));
        upload(ann, MOST);
    }

    @Test
    void orTheirTimeIsOver() {
        upload(ann, MOST);
        office.house.node.execute("UPDATE upload SET ends_at = now()");
        upload(ann, MOST);
    }

    @Test
    void alsoIfManyComeAtOnceToSeveralServers() throws Exception {
        List<Uploads> servers = List.of(uploads(), uploads());
        List<Callable<Boolean>> all = IntStream.range(0, 12)
                .<Callable<Boolean>>mapToObj(i -> () -> {
                    try {
                        servers.get(i % 2).upload(ann, office.stored("plan.txt", new byte[30_000]), "");
                        return true;
                    } catch (Refused refused) {
                        assertThat(refused.failure()).isEqualTo(Failure.TOO_MUCH_WAITING);
                        return false;
                    }
                })
                .toList();
        List<Boolean> entered = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> each : threads.invokeAll(all)) {
                entered.add(each.get());
            }
        }
        assertThat(entered).filteredOn(each -> each).hasSize(3);
        assertThat(rows()).isEqualTo(3);
        assertThat(files()).isEqualTo(3);
    }

    @Test
    void beforeTheirBytesAreTaken() {
        // Whatever else is in the request, so much of it is the file.
        assertRefused(Failure.TOO_MUCH_WAITING, () -> uploads.admit(ann, MOST + 1_001));
        try (Allowance first = uploads.admit(ann, MOST + 1_000); Allowance second = uploads.admit(ann, 0)) {
            first.take(60_000);
            second.take(30_000);
            second.take(10_000);
            assertRefused(Failure.TOO_MUCH_WAITING, () -> first.take(1));
            assertRefused(Failure.TOO_MUCH_WAITING, () -> second.take(1));
            assertRefused(Failure.TOO_MUCH_WAITING, () -> uploads.admit(ann, 0));
            uploads.admit(ben, 0).close();
        }
        // What was on its way is none of what waits.
        try (Allowance third = uploads.admit(ann, 0)) {
            third.take(MOST);
        }
        upload(ann, MOST);
        assertRefused(Failure.TOO_MUCH_WAITING, () -> uploads.admit(ann, 0));
    }

    @Test
    void andForApplicationsOnTheirWay() {
        Client books = client(ann);
        List<Allowance> coming = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Allowance each = uploads.admit(through(books, office.caller()), 0);
            each.take(MOST);
            coming.add(each);
        }
        try (Allowance last = uploads.admit(through(books, ann), 0)) {
            last.take(50_000);
            assertRefused(Failure.TOO_MUCH_WAITING, () -> last.take(1));
            coming.forEach(Allowance::close);
            last.take(1);
        }
    }

    @Test
    void whoeverMayOnlyLookBringsNothing() {
        Caller looking = new Caller(ann.person(), ann.credential(), Scope.READ, Optional.empty());
        assertRefused(Failure.INSUFFICIENT_SCOPE, () -> uploads.admit(looking, 0));
    }

    @Test
    void andItIsEnteredWhoBroughtHowMuch() {
        Client books = client(ben);
        Upload upload = upload(through(books, ann), 60_000);
        assertNoRoom(through(books, ann), 60_000);
        uploads.delete(ann, id(upload));
        AuditTrail trail = new PostgresAuditTrail(
                office.house.node.database, new Json(), office.house.node.epochs);
        List<AuditTrail.Entry> entries = trail.read(
                new AuditTrail.Question(
                        Node.ORGANIZATION,
                        Optional.of(new AuditTrail.Entity(AuditTrail.Kind.ATTACHMENT, id(upload))),
                        List.of(),
                        Optional.empty()),
                new AuditTrail.Cut(Optional.empty(), false, 10)).entries();
        assertThat(entries).extracting(entry -> entry.change().action())
                .containsExactly(AuditTrail.Action.DELETED, AuditTrail.Action.CREATED);
        assertThat(entries.getLast().change().editor())
                .isEqualTo(new AuditTrail.Editor(ann.id(), Optional.of(books.id().toString())));
        assertThat(entries.getLast().change().revisions())
                .containsExactly(new AuditTrail.Revision.Measured("fileSize", 60_000));
        assertThat(office.house.node.number("SELECT count(*) FROM audit")).as("what was refused never came")
                .isEqualTo(2);
        assertThat(office.house.node.number("SELECT count(*) FROM audit WHERE audit::text ~* 'plan|hush|secret'"))
                .isZero();
    }
}
