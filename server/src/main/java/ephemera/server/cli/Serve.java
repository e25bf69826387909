package ephemera.server.cli;

import ephemera.server.Server;
import ephemera.server.config.Config;
import ephemera.server.watch.Logs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the server until it is told to stop. */
@Command(name = "serve", description = "Runs the server.", mixinStandardHelpOptions = true)
final class Serve implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", description = "the folder of everything that the server keeps")
    private Optional<String> data;

    @Option(names = "--port", paramLabel = "N",
            description = "the port for clients; metrics and health get the next one")
    private Optional<String> port;

    @Option(names = "--config", paramLabel = "FILE",
            description = "the configuration, see config/ephemera.example.yaml")
    private Optional<Path> config;

    @Option(names = "--demo", description = "make a demo organization with three members, once")
    private boolean demo;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "sets any key of the configuration")
    private Map<String, String> settings = new HashMap<>();

    @Override
    public void run() {
        data.ifPresent(value -> settings.put("data", value));
        port.ifPresent(value -> settings.put("http.port", value));
        Config effective = Config.load(config, System.getenv(), settings);
        Logs.install(effective.log());
        CountDownLatch stopped = new CountDownLatch(1);
        Server server = Server.start(effective);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
            server.close();
            stopped.countDown();
        }));
        PrintWriter out = spec.commandLine().getOut();
        out.println(new Greeting(effective, server).text());
        if (demo) {
            out.println(Demo.of(server, effective).text());
        }
        out.flush();
        try {
            stopped.await();
        } catch (InterruptedException _) {
            server.close();
        }
    }
}
