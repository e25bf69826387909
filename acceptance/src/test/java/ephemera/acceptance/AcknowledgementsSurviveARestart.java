package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged with 204 is acknowledged, even if the power fails the moment after. */
class AcknowledgementsSurviveARestart {
    @Test
    void nothingAcknowledgedComesAgainAndNothingElseIsLost(@TempDir Path folder) throws IOException {
        ServerProcess.Launch launch = ServerProcess.Launch.on(folder.resolve("data")).withDemo();
        List<Event> left;
        String resumeAt;
        List<Event> behind;
        try (ServerProcess server = launch.start()) {
            List<Somebody> members = members(server);
            Somebody sender = members.getFirst();
            Somebody reader = members.getLast();
            List<String> sent = IntStream.range(0, 60).mapToObj(i -> sender.says(reader, "m" + i)).toList();
            sender.tiger().recall(sent.get(7)).expect(204);
            try (EventStream stream = reader.live()) {
                List<Event> told = stream.received().stream().filter(event -> !event.isControl()).toList();
                assertThat(told).filteredOn(Event::isMessage).hasSize(59);
                left = new ArrayList<>(told);
                resumeAt = told.get(30).lastEventId();
                behind = told.subList(31, told.size());
                List<Event> shuffled = new ArrayList<>(told);
                Collections.shuffle(shuffled, new Random(7));
                List<Event> acknowledged = shuffled.subList(0, 35);
                acknowledged.forEach(event -> reader.tiger().acknowledge(List.of(event.id())).expect(204));
                left.removeAll(acknowledged);
                server.killBoth();
            }
        }
        try (ServerProcess server = launch.start()) {
            Somebody reader = members(server).getLast();
            assertThat(reader.replay()).isEqualTo(left);
            try (EventStream stream = EventStream.open(reader.tiger(), List.of(), Optional.of(resumeAt))) {
                assertThat(stream.untilLive().received().stream().filter(event -> !event.isControl()))
                        .as("events keep their ids, their order and their content").containsExactlyElementsOf(behind);
            }
            reader.tiger().acknowledge(left.stream().map(Event::id).toList()).expect(204);
            assertThat(reader.replay()).isEmpty();
        }
    }

    private static List<Somebody> members(ServerProcess server) {
        return server.demo().members().stream().map(member -> Somebody.at(server.url(), member.credentials())).toList();
    }
}
