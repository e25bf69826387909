/**
 * The bundled PostgreSQL: unpacked, initialised, started, watched and stopped by the server itself.
 *
 * <p><b>Invariant: one owner per data folder.</b> Everything here happens under the lock of a
 * {@link ephemera.server.store.embedded.DataFolder}. Who holds it may conclude that any PostgreSQL still running out of
 * the folder was left behind by a process that is gone, and may stop it.
 *
 * <p><b>Invariant: what is acknowledged is on disk.</b> No setting that would weaken this is ever passed to PostgreSQL,
 * and {@link ephemera.server.store.embedded.DurabilityCheck} asks the running server before it is handed out.
 *
 * <p><b>Invariant: half a step never looks like a whole one.</b> Binaries and the database cluster are made under a
 * temporary name and renamed when complete, so that a start that was interrupted is simply done again.
 *
 * <p><b>Invariant: no content in logs.</b> PostgreSQL writes neither statements nor parameters nor the details of
 * errors of the application's role; its log is bounded in size.
 *
 * <p>Processes: the postmaster runs in a session of its own (a terminal's Ctrl-C does not reach it) and a small shell
 * beside it reads a pipe that only this JVM holds open. When the JVM ends, however it ends, the pipe closes and the
 * shell asks the postmaster for a fast shutdown. A virtual thread waits for the postmaster's end and starts it again on
 * the same port.
 */
package ephemera.server.store.embedded;
