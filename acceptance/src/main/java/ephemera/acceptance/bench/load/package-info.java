/**
 * A load client that costs the machine as little as possible, because it shares its cores with what it measures.
 *
 * <p>Invariant: everything here belongs to the one thread of its {@link ephemera.acceptance.bench.load.Loop}; other
 * threads hand work over with {@link ephemera.acceptance.bench.load.Loop#execute}. The single exception is
 * {@link ephemera.acceptance.bench.load.HttpConnection#send}, which the owner of an idle connection may call from its
 * own thread. Requests are bytes prepared once, in which only the changing digits are rewritten; replies and events are
 * scanned in place, without strings and without a JSON tree. What the scanners read is checked, not trusted: every
 * token ends up in a {@link ephemera.acceptance.bench.load.Ledger} that says whether each acknowledged message arrived
 * once.
 */
package ephemera.acceptance.bench.load;
