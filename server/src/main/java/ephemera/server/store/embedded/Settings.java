package ephemera.server.store.embedded;

import java.util.List;

/** How the bundled PostgreSQL is set up. */
final class Settings {

    private Settings() {
    }

    /**
     * What must not be weakened by any file: given on the command line, which nothing overrides for the whole server.
     */
    static final List<String> PROMISES = List.of("-c", "fsync=on", "-c", "synchronous_commit=on",
            "-c", "full_page_writes=on", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=");

    /** The text of {@code postgresql.conf} for a server on the given port. */
    static String configuration(int port, boolean onMac) {
        return """
                # Written at every start: what is edited here is lost. For a PostgreSQL with settings of your own,
                # run one yourself and point database.url to it.

                # Reached on this machine only, with a password only.
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                password_encryption = 'scram-sha-256'
                max_connections = 60
                allow_alter_system = off

                # What is acknowledged is on disk.
                fsync = on
                synchronous_commit = on
                full_page_writes = on
                wal_sync_method = %s
                # After a crash, one call instead of one for each of the thousands of files.
                recovery_init_sync_method = %s

                # After the crash of one of its processes it ends and is started again, like after any other end.
                # Starting over by itself, version 18 would never finish a shutdown that comes while it recovers.
                restart_after_crash = off

                # Checkpoints are rare, and spread over the time between them. Content is encrypted, so that compressing
                # pages would cost much and save little; these builds know none of the cheap methods either.
                max_wal_size = '2GB'
                checkpoint_timeout = '15min'
                checkpoint_completion_target = 0.9
                wal_compression = off

                shared_buffers = '256MB'
                jit = off
                # A statement over all epochs locks some hundred relations, in slots of its own process if there
                # are enough.
                max_locks_per_transaction = 1024
                autovacuum = on

                # To standard error, which the server writes to a log of bounded size. Neither statements nor
                # parameters, and of an error only its first line: the details name values of rows.
                logging_collector = off
                log_destination = 'stderr'
                log_line_prefix = '%%m [%%p] '
                log_error_verbosity = terse
                log_statement = none
                log_min_error_statement = panic
                log_min_duration_statement = -1
                log_min_duration_sample = -1
                log_duration = off
                log_parameter_max_length = 0
                log_parameter_max_length_on_error = 0
                debug_print_parse = off
                log_lock_waits = off
                log_temp_files = -1
                log_connections = off
                log_disconnections = off
                log_timezone = 'UTC'
                timezone = 'UTC'
                datestyle = 'iso, mdy'
                lc_messages = 'C'
                default_text_search_config = 'pg_catalog.simple'
                cluster_name = 'ephemera'
                """.formatted(port, onMac ? "fsync_writethrough" : "fdatasync", onMac ? "fsync" : "syncfs");
    }
}
