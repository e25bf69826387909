package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Message;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Term;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A household of three people, the second of whom talks with each of the others, and holds on what they say. */
final class HoldScene implements AutoCloseable {

    /** What each message with a file carries. */
    static final byte[] FILE = new byte[300_000];

    static {
        new Random(7).nextBytes(FILE);
    }

    final Household house;
    final PersonId ann;
    final PersonId ben;
    final PersonId cleo;

    /** Opens what is in a folder, on a database that the caller closes. */
    HoldScene(Path data, OwnDatabase own) throws IOException {
        house = new Household(data, own);
        ann = house.node.person();
        ben = house.node.person();
        cleo = house.node.person();
        house.node.direct(ann, ben);
        house.node.direct(ben, cleo);
    }

    /** A new hold on all that somebody is told. */
    Hold hold(PersonId person) {
        return house.holds.place(Node.ORGANIZATION, new Hold.Target.OfPerson(person));
    }

    /** How many messages only that hold keeps. */
    long held(Hold hold) {
        return house.holds.extent(hold.id()).messages();
    }

    /** Recalls a message that lives. */
    void recall(Message message) {
        assertThat(house.node.journal.recall(message)).isTrue();
    }

    /** The messages in an export, in which no file is missing. */
    List<JsonNode> lines(Hold hold) throws IOException {
        return lines(export(hold));
    }

    private Map<String, byte[]> export(Hold hold) throws IOException {
        Household.Exported exported = house.export(house.holds.find(hold.id()));
        assertThat(exported.written().missing()).isZero();
        return exported.entries();
    }

    private static List<JsonNode> lines(Map<String, byte[]> entries) {
        return new String(entries.get("messages.jsonl"), StandardCharsets.UTF_8).lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    /** Makes sure that exactly that message is in an export, with its file. */
    void assertExported(Hold hold, Message message, String state) throws IOException {
        Map<String, byte[]> entries = export(hold);
        List<JsonNode> lines = lines(entries);
        assertThat(lines).hasSize(1);
        JsonNode line = lines.getFirst();
        assertThat(line.required("message").asString()).isEqualTo(message.id().toString());
        assertThat(line.required("body").asString()).isEqualTo(message.content().body());
        assertThat(line.required("state").asString()).isEqualTo(state);
        assertThat(entries.get(line.at("/attachments/0/file").asString())).isEqualTo(FILE);
    }

    /** Releases the only hold on a message, and makes sure that nothing of either is left but the record of it. */
    void assertReleased(Hold hold, Message message) {
        house.holds.release(hold.id());
        house.release.settle();
        assertThat(house.node.number("SELECT count(*) FROM held")).isZero();
        assertThat(house.ring.slices()).noneMatch(slice -> slice.term() == Term.HELD);
        assertThat(house.files().resolve(Long.toString(hold.epoch().code()))).doesNotExist();
        assertThat(house.holds.find(hold.id()).destroyedAt()).isPresent();
        assertThat(house.recorded(message).orElseThrow().draft())
                .matches(draft -> draft.kind() == Deletion.Kind.MESSAGE && draft.reason() == Deletion.Reason.RELEASED);
        assertThat(house.record.prove(message.id().value()).orElseThrow().flaw()).isEmpty();
        assertThat(house.record.check()).isInstanceOf(RecordCheck.Finding.Whole.class);
    }

    @Override
    public void close() {
        house.close();
    }
}
