package ephemera.server.http;

import ephemera.core.Refused;

/** The form in which a door says no. */
@FunctionalInterface
public interface Refusal {

    /** The answer that tells a refusal. */
    Reply reply(Refused refused);
}
