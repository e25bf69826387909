/** What applications are told by webhooks, by receivers that are real servers on this machine. */
package ephemera.acceptance.webhooks;
