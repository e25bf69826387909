package ephemera.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.config.Config;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.LogManager;
import org.junit.jupiter.api.Test;

class LogsLastUntilTheProcessEnds {

    @Test
    void whatIsLoggedWhileTheProcessStopsIsNotLost() throws IOException, InterruptedException {
        List<String> lines = standardErrorOf("stop");

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).endsWith("INFO ephemera.Child started");
        assertThat(lines.get(1)).endsWith("INFO ephemera.Child stopped");
    }

    @Test
    void exceptionThatEndsAThreadIsOneLine() throws IOException, InterruptedException {
        List<String> lines = standardErrorOf("die");

        assertThat(lines).hasSize(2);
        assertThat(lines.get(1))
                .contains("ERROR ephemera.server.watch.Logs a thread ended by an exception thread=main ")
                .contains("stack=\"java.lang.IllegalStateException: on purpose\\n\\tat ");
    }

    private static List<String> standardErrorOf(String argument) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), Child.class.getName(), argument).start();
        process.getOutputStream().close();
        List<String> lines =
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        process.waitFor();
        return lines;
    }

    static final class Child {

        public static void main(String[] arguments) {
            Logs.install(new Config.Log(Level.INFO, Config.LogFormat.TEXT));
            System.Logger logger = System.getLogger("ephemera.Child");
            logger.log(Level.INFO, "started");
            switch (arguments[0]) {
                case "stop" -> Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    // What the JDK's own hook does, which runs at the same time, before or after this one.
                    LogManager.getLogManager().reset();
                    logger.log(Level.INFO, "stopped");
                }));
                default -> throw new IllegalStateException("on purpose");
            }
        }
    }
}
