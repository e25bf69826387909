/**
 * Everything that a client may send and should not: tables of requests, each with the answer that it must get.
 *
 * <p>Invariant: a row is data. It says what is sent, byte by byte, and which answer is right; that nothing may change
 * besides is judged for every row alike, by a {@link ephemera.acceptance.badinput.Snapshot} before and after.
 */
package ephemera.acceptance.badinput;
