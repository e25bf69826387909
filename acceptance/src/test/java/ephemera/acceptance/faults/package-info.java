/**
 * What must hold whatever breaks: processes that are killed at any moment, connections that are cut, disks that are
 * full.
 *
 * <p>Invariant of these tests: everything random comes from one seed, which a failure tells and {@code -Dephemera.seed}
 * sets, and nothing is judged by how long something takes, only by what was promised and what came.
 */
package ephemera.acceptance.faults;
