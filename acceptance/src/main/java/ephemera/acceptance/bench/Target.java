package ephemera.acceptance.bench;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The server that is measured, and people who can use it. Not thread-safe. */
abstract sealed class Target implements AutoCloseable {
    /** Gives the server's address. */
    abstract URI url();

    /** Gives so many different people, always the same ones first. */
    abstract List<Credentials> people(int count);

    /** Gives the process id of the server's JVM, if it is known. */
    abstract Optional<Long> serverPid();

    /** Gives the process id of the database, if it is known. */
    abstract Optional<Long> databasePid();

    /** Gives a folder on the disk that the database writes to; the working directory if that is not known. */
    abstract Path disk();

    @Override
    public abstract void close();

    /** Gives the server's address for plain sockets. */
    final InetSocketAddress address() {
        return new InetSocketAddress(url().getHost(), url().getPort() < 0 ? 80 : url().getPort());
    }

    /** Gives the processor times of client, server and database now. */
    final ProcessTimes times() {
        return ProcessTimes.now(serverPid(), databasePid());
    }

    /** A server that somebody else runs, with the keys that somebody made. */
    static final class Running extends Target {
        private final URI url;
        private final List<Credentials> people;
        private final Optional<Long> pid;
        private final Optional<Path> data;

        Running(URI url, List<Credentials> people, Optional<Long> pid, Optional<Path> data) {
            this.url = url;
            this.people = List.copyOf(people);
            this.pid = pid;
            this.data = data;
        }

        @Override
        URI url() {
            return url;
        }

        @Override
        List<Credentials> people(int count) {
            if (people.size() < count) {
                throw new LoadFailure(("This part needs the keys of %,d people, the file has %,d. Make more with"
                        + " `bin/ephemera user import --org TOKEN FILE.csv --keys`.").formatted(count, people.size()));
            }
            return people.subList(0, count);
        }

        @Override
        Optional<Long> serverPid() {
            return pid;
        }

        @Override
        Optional<Long> databasePid() {
            return data.flatMap(ServerProcess::databasePid);
        }

        @Override
        Path disk() {
            return data.orElse(Path.of("").toAbsolutePath());
        }

        @Override
        public void close() {
            // It was there before and stays.
        }
    }

    /** A server of our own on a data folder of our own. */
    static final class Own extends Target {
        private final List<Credentials> people = new ArrayList<>();
        private Optional<String> organization = Optional.empty();
        private ServerProcess server;

        /** Starts a server of this build. */
        Own(Path data) {
            server = ServerProcess.start(data);
        }

        /** Starts a server of another built clone of the project. */
        Own(Path data, Path clone) {
            server = ServerProcess.Launch.on(data).from(clone).start();
        }

        /** Ends the server and starts it again on the same data folder and port. */
        void restart() {
            server.stop();
            server.close();
            server = server.launch().start();
        }

        @Override
        URI url() {
            return server.url();
        }

        @Override
        List<Credentials> people(int count) {
            if (people.size() < count) {
                String token = organization.orElseGet(() -> server.commands().createOrganization("Benchmark"));
                organization = Optional.of(token);
                people.addAll(server.commands().importPeople(token, "b" + people.size() + "p", count - people.size()));
            }
            return List.copyOf(people.subList(0, count));
        }

        @Override
        Optional<Long> serverPid() {
            return Optional.of(server.pid());
        }

        @Override
        Optional<Long> databasePid() {
            return server.databasePid();
        }

        @Override
        Path disk() {
            return Objects.requireNonNull(server.data().getParent(), "a data folder stands in a folder");
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
