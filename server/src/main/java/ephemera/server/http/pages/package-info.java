/**
 * The pages that the server shows about itself: each door's API document, made readable.
 *
 * <p>Invariant: whatever a document says reaches a page only through {@link ephemera.server.http.pages.Html}, which
 * escapes it and closes every element it opens. A page needs no script, no request beside its own, and no style but the
 * one whose hash stands in its content security policy. Pages are made once and never change; what is shared between
 * threads is immutable or thread-safe.
 */
package ephemera.server.http.pages;
