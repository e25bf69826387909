/**
 * Work that is claimed: jobs that stand in the database, done once by whichever server takes them first.
 *
 * <p>Invariants: a job is claimed for a time, and whoever dies with it loses nothing: after that time others claim it.
 * So everything is done at least once, and whoever comes late with a result changes nothing.
 *
 * <p>Concurrency: each kind of work has one thread that claims, and a virtual thread for each job that is under way;
 * how many those may be is bounded, also for each target.
 */
package ephemera.server.work;
