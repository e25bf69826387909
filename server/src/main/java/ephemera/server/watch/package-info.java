/**
 * What the server tells the people who run it: log lines, metrics, health.
 *
 * <p><b>Invariant.</b> Nothing here carries what a message says, nor a secret; and nothing that comes from outside can
 * forge a log line, a field or a metric: every text is escaped where it is written, and the values of metric labels
 * come from the code alone.
 *
 * <p><b>Concurrency.</b> All public types are safe for use by several threads. Counting costs little and never waits.
 * Checks and scrapes run on virtual threads, off the event loop, a bounded number at a time; a check that hangs
 * occupies one thread, however often it is asked.
 */
package ephemera.server.watch;
