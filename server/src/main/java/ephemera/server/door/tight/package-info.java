/**
 * The Tight door, version 6: conversations on an application's own records.
 *
 * <p>Wire forms and mapping only; "B.1" and the like name the parts of the door's contract.
 */
package ephemera.server.door.tight;
