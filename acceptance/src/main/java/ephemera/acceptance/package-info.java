/**
 * The product as a black box: started, ended and killed as an operator would, through its commands alone.
 *
 * <p>Invariant: nothing here or below links against the product. What is known of it is its command line, its data
 * folder's {@code demo.json}, the place of the bundled database's {@code postmaster.pid}, and its wire contracts.
 */
package ephemera.acceptance;
