package ephemera.server.cli;

import ephemera.server.Server;
import ephemera.server.config.Config;

/**
 * What is printed when the server has started: where it is, what is bundled, how to sign in.
 *
 * @param config the configuration in effect
 * @param server the server that runs
 */
record Greeting(Config config, Server server) {

    /** The lines to print. */
    String text() {
        String database = switch (config.database()) {
            case Config.Database.Bundled _ -> "the bundled PostgreSQL, in " + config.data().resolve("postgres");
            case Config.Database.External(var url, _, _, _) -> url;
        };
        return """

                Ephemera serves %1$s
                  documentation   %1$s/docs
                  metrics, health %2$s/metrics, /health/ready
                  data            %3$s
                  database        %4$s
                  sign in         bin/ephemera user create … makes a member, bin/ephemera key create … a key;
                                  then: curl -u KEY:SECRET %1$s/v2/user
                """
                .formatted(
                        server.url(),
                        config.management().url(server.managementPort()),
                        config.data(),
                        database);
    }
}
