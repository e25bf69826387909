package ephemera.acceptance.faults;

import ephemera.acceptance.ServerProcess;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What is killed, as {@code kill -9} does; whoever is left must find its way. */
enum Blow {
    /** Server and database at the same moment; both are started again. */
    BOTH {
        @Override
        ServerProcess strike(ServerProcess server, Random random) {
            if (random.nextBoolean()) {
                server.killBoth();
            } else {
                List<ProcessHandle> database = family(server);
                server.killServer();
                kill(database);
            }
            return again(server);
        }
    },

    /** The server alone: its database is told to end, and the next server may come before it has. */
    SERVER {
        @Override
        ServerProcess strike(ServerProcess server, Random random) {
            server.killServer();
            return again(server);
        }
    },

    /** The database's first process: the others notice it when they are done with what they are at. */
    POSTMASTER {
        @Override
        ServerProcess strike(ServerProcess server, Random random) {
            server.killDatabase();
            return server;
        }
    },

    /** Every process of the database. */
    DATABASE {
        @Override
        ServerProcess strike(ServerProcess server, Random random) {
            kill(family(server));
            return server;
        }
    },

    /** One process of the database, which may be the one that writes the journal. */
    ONE_OF_THE_DATABASE {
        @Override
        ServerProcess strike(ServerProcess server, Random random) {
            List<ProcessHandle> others = family(server).stream().skip(1).toList();
            if (!others.isEmpty()) {
                kill(List.of(others.get(random.nextInt(others.size()))));
            }
            return server;
        }
    };

    /** Strikes and gives the server that serves afterwards, or is about to. */
    abstract ServerProcess strike(ServerProcess server, Random random);

    /** The processes of the database that runs, the postmaster first; none while it does not. */
    private static List<ProcessHandle> family(ServerProcess server) {
        Optional<ProcessHandle> postmaster = server.databasePid().flatMap(ProcessHandle::of);
        return postmaster.stream().flatMap(first -> Stream.concat(Stream.of(first), first.children())).toList();
    }

    private static void kill(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().orTimeout(30, TimeUnit.SECONDS).join());
    }

    private static ServerProcess again(ServerProcess killed) {
        killed.close();
        return killed.launch().start();
    }
}
