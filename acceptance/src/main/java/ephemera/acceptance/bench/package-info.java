/**
 * The benchmark: how fast the server acknowledges, delivers, fans out, idles and starts.
 *
 * <p>Invariant: a figure is printed only together with the proof that the work was done. Every round accounts for each
 * acknowledged message ({@link ephemera.acceptance.bench.load.Ledger}); a round with a lost, doubled, misdirected or
 * disordered message ends the run with an error, whatever its speed was. A figure is the median of the rounds that
 * follow a discarded warm-up, shown with its least and greatest; client, server and database share the machine, so the
 * report also says how many microseconds of processor each spent per operation, and what the disk did by itself.
 */
package ephemera.acceptance.bench;
