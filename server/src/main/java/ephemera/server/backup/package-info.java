/**
 * Backups, their way back, and the search for what should be gone.
 *
 * <p>Invariant: rows and files go into one archive, keys into another file, and never meet but in a server. What is put
 * back is what is alive at that time: what has ended since is destroyed before anybody is served. An archive that is
 * not whole to the last bit is refused before anything is changed.
 */
package ephemera.server.backup;
