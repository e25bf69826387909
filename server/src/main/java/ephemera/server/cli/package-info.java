/**
 * The command line: one class for each command.
 *
 * <p>Invariant: what a command needs and does not find is one clear sentence with the remedy, and exit code 1; what it
 * makes it prints for people, or with {@code --json} for scripts. Secrets are printed when they are made and never
 * again.
 */
package ephemera.server.cli;
