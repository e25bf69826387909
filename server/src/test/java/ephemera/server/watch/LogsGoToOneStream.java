package ephemera.server.watch;

import static ephemera.server.watch.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.config.Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogManager;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogsGoToOneStream {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Logger ours = System.getLogger("ephemera.server.Example");
    private final Logger library = System.getLogger("io.netty.example");

    @AfterEach
    void restore() throws IOException {
        LogManager.getLogManager().readConfiguration();
    }

    @Test
    void levelIsThatOfTheConfigurationAndLibrariesAreQuieter() {
        assertThat(logged(Level.ERROR)).isEqualTo("ours: ERROR; library: ERROR");
        assertThat(logged(Level.WARNING)).isEqualTo("ours: WARN ERROR; library: WARN ERROR");
        assertThat(logged(Level.INFO)).isEqualTo("ours: INFO WARN ERROR; library: WARN ERROR");
        assertThat(logged(Level.DEBUG)).isEqualTo("ours: DEBUG INFO WARN ERROR; library: INFO WARN ERROR");
        assertThat(logged(Level.TRACE)).isEqualTo("ours: TRACE DEBUG INFO WARN ERROR; library: INFO WARN ERROR");
    }

    @Test
    void everyLoggerEndsInTheSameForm() {
        Logs.install(new Config.Log(Level.INFO, Config.LogFormat.JSON), out);

        System.getLogger("ephemera.x").log(Level.INFO, "one", field("k", 1));
        java.util.logging.Logger.getLogger("com.example").warning("two");

        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0)).startsWith("{\"time\":\"").endsWith("\"message\":\"one\",\"k\":1}");
        assertThat(lines().get(1)).contains("\"logger\":\"com.example\",\"message\":\"two\"");
    }

    @Test
    void linesOfSeveralThreadsDoNotMix() throws InterruptedException {
        Logs.install(new Config.Log(Level.INFO, Config.LogFormat.TEXT), out);

        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            String word = String.valueOf((char) ('a' + t)).repeat(1000);
            threads.add(Thread.ofVirtual().start(
                    () -> IntStream.range(0, 50).forEach(_ -> ours.log(Level.INFO, word))));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(lines())
                .hasSize(400)
                .allMatch(line -> line.matches("\\S+ INFO ephemera.server.Example (.)\\1{999}"));
    }

    @Test
    void streamThatFailsDoesNotReachTheCaller() {
        Logs.install(new Config.Log(Level.INFO, Config.LogFormat.TEXT), new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        });

        ours.log(Level.ERROR, "nobody reads this");
        ours.log(Level.ERROR, "nor this");
    }

    private String logged(Level configured) {
        out.reset();
        Logs.install(new Config.Log(configured, Config.LogFormat.TEXT), out);
        for (Level level : List.of(Level.TRACE, Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR)) {
            ours.log(level, "message");
            library.log(level, "message");
        }
        return "ours: " + levels("ephemera.") + "; library: " + levels("io.netty.");
    }

    private String levels(String logger) {
        return String.join(" ", lines().stream()
                .map(line -> line.split(" "))
                .filter(words -> words[2].startsWith(logger))
                .map(words -> words[1])
                .toList());
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
