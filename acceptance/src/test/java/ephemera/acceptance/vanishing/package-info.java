/**
 * That messages really go away: searched for on the disk, asked for at the instant of their end, and attacked with old
 * copies.
 *
 * <p>Invariant of these tests: what is asserted to be impossible is shown to be possible a moment earlier, or with the
 * keys of a moment earlier; a search that finds nothing and an attack that fails prove nothing by themselves. Beside
 * the wire, the command line and the folder's layout they know tables and crash points by name, because an intruder
 * would.
 */
package ephemera.acceptance.vanishing;
