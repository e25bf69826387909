/**
 * The configuration: typed, closed, and able to say where each value comes from.
 *
 * <p><b>Invariant.</b> A {@link ephemera.server.config.Config} that was loaded is valid as a whole: every value has its
 * type and lies within its bounds, values that depend on each other agree, and every key that anyone gave is known.
 * There is no half-read configuration; what is wrong ends the start with one {@link ephemera.server.StartFailure}.
 *
 * <p>A setting is declared once, in {@link ephemera.server.config.Settings}: key, kind, default, documentation. To add
 * one, declare it there, give it a component in {@code Config}, read it in {@code ConfigReader}, and regenerate the
 * example file. Decisions that follow from several settings (is TLS on, which database) are taken here, so that wiring
 * only passes values on.
 *
 * <p><b>Secrets</b> are of type {@link ephemera.server.config.Secret}; no failure, printed configuration or
 * {@code toString} shows them.
 *
 * <p>Everything here is immutable once built, except {@code Values}, which lives on one thread while a configuration is
 * read.
 */
package ephemera.server.config;
